"""Names that files give to the arrays of HuBERT-base, as Hugging Face's files have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

RENAMED = (
    # The new spelling of weight norm.
    (r"\.parametrizations\.weight\.original0$", ".weight_g"),
    (r"\.parametrizations\.weight\.original1$", ".weight_v"),
    # What wraps the network in some files.
    (r"^(hubert|model)\.", ""),
    # fairseq's own names.
    (r"^feature_extractor\.conv_layers\.(\d)\.0\.", r"feature_extractor.conv_layers.\1.conv."),
    (r"^feature_extractor\.conv_layers\.0\.2\.", "feature_extractor.conv_layers.0.layer_norm."),
    (r"^layer_norm\.", "feature_projection.layer_norm."),
    (r"^post_extract_proj\.", "feature_projection.projection."),
    (r"^encoder\.pos_conv\.0\.", "encoder.pos_conv_embed.conv."),
    (r"\.self_attn_layer_norm\.", ".layer_norm."),
    (r"\.self_attn\.", ".attention."),
    (r"\.fc1\.", ".feed_forward.intermediate_dense."),
    (r"\.fc2\.", ".feed_forward.output_dense."),
)


def as_hugging_face(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same arrays by the names of Hugging Face's files, weight norm in the old spelling.

    Names that are so already stay.
    """
    named = {}
    for name, array in arrays.items():
        for pattern, replacement in RENAMED:
            name = re.sub(pattern, replacement, name)
        named[name] = array
    return named
