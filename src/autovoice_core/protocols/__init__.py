"""The protocols that backends implement: one for each operation, and those of optional methods.

An implementation needs no base class: it has the attributes and methods of a protocol. Each is
called through a guard, which checks what goes in and what comes out, hands over copies of sound
and views of all else that can't be written, and turns whatever is raised into an error that names
the backend.

**Windows.** Files of any length are cut into windows of at most 60 s for separation and pitch, and
20 s for conversion. Each has up to ``context`` seconds more on both sides than is used of its
result, so consecutive windows overlap by twice the context, and a context of a tenth of the
window costs a fifth more work. There is no upper limit, but under a memory limit a window is never
shorter than its context, so a long one needs the memory. Only at the ends of a file, there is
nothing around it. What is used of a result depends on nothing outside of its window, and is the
same however the file was cut.

**Threads.** An implementation keeps nothing between calls: two threads may call it at once, for
different files. What belongs to one song lives in its :class:`Conversion` or :class:`Stream`,
which one thread at a time calls unless it says ``renders_in_parallel``.
"""

from autovoice_core._speech import Speech, SpeechEngine, TimedPhone, TimedWord
from autovoice_core.protocols.conversion import (
    ControlledConverter,
    Conversion,
    Converter,
    StreamingConverter,
    Voice,
)
from autovoice_core.protocols.optional import SupportsBring, SupportsMemory
from autovoice_core.protocols.pitch import (
    BatchPitchEstimator,
    MixturePitchEstimator,
    PitchEstimator,
)
from autovoice_core.protocols.separation import BatchSeparator, Separator
from autovoice_core.protocols.stream import Stream
from autovoice_core.protocols.trained_voice import TrainedVoice

__all__ = [
    "BatchPitchEstimator",
    "BatchSeparator",
    "ControlledConverter",
    "Conversion",
    "Converter",
    "MixturePitchEstimator",
    "PitchEstimator",
    "Separator",
    "Speech",
    "SpeechEngine",
    "Stream",
    "StreamingConverter",
    "SupportsBring",
    "SupportsMemory",
    "TimedPhone",
    "TimedWord",
    "TrainedVoice",
    "Voice",
]
