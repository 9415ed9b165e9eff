"""The GPU kernels for kernel_resources.py: macros of the CUDA C++, signatures of the Triton."""

from __future__ import annotations

from typing import Any

CUDA = {  # the macros with which each source is compiled for singing at 44.1 kHz
    "preprocess.cu": (),
    "correlate.cu": ("FRAMES=16", "SUM=int", "NO_CANDIDATE=-1048576", "PERFECT_SCORE=4096"),
    "decode.cu": ("SPAN=64", "NO_CANDIDATE=-1048576", "FORBIDDEN_SCORE=(-268435456)"),
    "smoothing.cu": ("NO_CANDIDATE=-1048576", "PERFECT_SCORE=4096", "TIME_STEPS=64"),
    "unit_selection.cu": (),
    "synthesis.cu": (),
}
TRITON: dict[str, tuple[str, str, dict[str, Any], int]] = {  # types, constants, warps
    "preprocess.decimate": (
        "*fp32 i64 *i64 fp32 fp32 *i32 i32 i32 *i32 i64",
        "samples width lengths scale clip_level taps tap_count factor low row",
        {"CUT": True, "FLOATING": True, "BLOCK": 256},
        4,
    ),
    "preprocess.high_pass": (
        "*i32 i64 i64 *i64 i32 i32 *i32 *i64",
        "low row width lengths factor reach signal energy",
        {"CUT": True, "AVERAGE": 512, "BLOCK": 256},
        4,
    ),
    "preprocess.attenuation": (
        "*i64 i32 i32 i32 i64 *i32",
        "energy count reach gate min_energy result",
        {"BLOCK": 128},
        4,
    ),
    "correlate.load_frame": (
        "*i32 i64 *i64 i32 *i16 *i64",
        "signal length centres reach x known",
        {"SIZE": 2048},
        4,
    ),
    "correlate.correlate": (
        "*i16 *i64 i32 *i32 i32 i32 *fp64",
        "x known first widths lags reach r",
        {"SIZE": 2048, "GROUP": 32, "TIME": 64},
        4,
    ),
    "correlate.keep_peaks": (
        "*fp64 i32 *i32 i32 i32 *i32 *fp64",
        "r first costs lags candidates score top",
        {"LAGS": 512, "PERFECT_SCORE": 4096, "NO_CANDIDATE": -(1 << 20)},
        4,
    ),
    "decode.products": (
        "*i32 *i32 *i1 *i32 *u8 i64 i32 *i32 *i64",
        "score log_lag voiced weights begins frames candidates matrices offsets",
        {"SPAN": 64, "STATES": 32, "NO_CANDIDATE": -(1 << 20), "FORBIDDEN_SCORE": -(1 << 28)},
        1,
    ),
    "decode.entries": (
        "*i32 *i64 *i64 i32 *i32",
        "matrices offsets edges candidates entered",
        {"SPAN": 64, "STATES": 32, "FORBIDDEN_SCORE": -(1 << 28)},
        1,
    ),
    "decode.forward": (
        "*i32 *i32 *i1 *i32 *u8 i64 i32 *i32 *u8 *u8 *u8",
        "score log_lag voiced weights begins frames candidates entered back across final",
        {"SPAN": 64, "STATES": 32, "NO_CANDIDATE": -(1 << 20), "FORBIDDEN_SCORE": -(1 << 28)},
        1,
    ),
    "decode.exits": (
        "*u8 *u8 *i64 i64 *u8",
        "across final edges frames left",
        {"SPAN": 64, "STATES": 32},
        1,
    ),
    "decode.trace": (
        "*u8 *u8 i64 i32 *i32",
        "back left frames candidates path",
        {"SPAN": 64, "STATES": 32},
        1,
    ),
    "smoothing.reinforce": (
        "*i32 *i32 *i64 i32 i32 i32 i32 i32 *i32",
        "score log_lag positions frames span distance cost gain reinforced",
        {"NO_CANDIDATE": -(1 << 20), "BLOCK": 128},
        4,
    ),
    "smoothing.regression_shift": (
        "*i32 *i32 *i1 *i64 i32 i32 i32 i32 i32 *fp64",
        "score log_lag voiced positions frames span neighbours tolerance slope shifts",
        {"PERFECT_SCORE": 4096, "TIME_STEPS": 64, "BLOCK": 128},
        4,
    ),
    "unit_selection.nearest": (
        "*fp32 *fp32 *fp32 i32 i32 *i64 *fp32",
        "products norms own references k index distance",
        {"BLOCK": 1024},
        4,
    ),
    "unit_selection.cheapest_path": (
        "*fp64 *fp64 i32 i32 *i16 *i64",
        "local steps length states origins path",
        {"STATES": 128},
        8,
    ),
    "synthesis.oscillate": (
        "*fp64 i32 *fp32 *fp32 i32 i32 *fp64 *fp32",
        "phase count real imaginary frames harmonics spacing signal",
        {"BLOCK": 128, "GROUP": 8},
        4,
    ),
    "synthesis.overlap_add": (
        "*fp32 i32 i32 *i64 *i32 i32 *fp32",
        "frames count size starts order length signal",
        {"BLOCK": 256, "STEPS": 12},
        4,
    ),
}
