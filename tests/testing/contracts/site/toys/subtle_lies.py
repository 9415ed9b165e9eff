"""Lies about what is seldom looked at: other rates, registers, ends, far away, long after."""

from __future__ import annotations

from toys.lie import RETRIEVAL, Lie

PITCH_STREAM, STEM_STREAM = {"latency": 0.1}, {"latency": 0.02}
VOICE_STREAM = {**RETRIEVAL, "latency": 0.02}
BOTH = ("float32", "float16")

QUALITY = "test_the_quality_claimed_is_measured[cpu-float32-DRAFT]"
END = "test_a_sound_is_there_to_its_end"
STREAM_END = "test_a_stream_is_there_to_its_end"
AGREES = "test_a_stream_agrees_with_the_whole"
TIRES = "test_a_stream_does_not_tire"
MINUTES = "test_what_is_right_at_once_is_right_minutes_later"
FAR_AWAY = "test_a_loud_sound_far_away_changes_nothing"
THREADS = "test_two_threads_at_once_do_not_disturb_each_other"
PROCESS = "test_another_process_gives_the_same_result"
MEMORY = "test_memory_does_not_grow_with_the_length"
IN_KEY = "test_a_stream_sings_in_the_key_asked_for"
IN_VOICE = "test_a_stream_sings_in_the_voice_asked_for"
HALF = "test_what_is_claimed_as_float16_is_not_float32[cpu-float16]"

SUBTLE_LIES = {
    # Only 16 kHz, stereo or the middle of the voice is honest.
    "sharp_at_44k": Lie("pitch", "test_a_track_does_not_depend_on_the_sample_rate"),
    "high_pass_at_44k": Lie("separation", QUALITY),
    "stereo_only": Lie("separation", QUALITY),
    "keeps_voice_at_44k": Lie("conversion", "test_the_timbre_goes_towards_the_target", RETRIEVAL),
    "swaps_at_44k": Lie("separation", "test_channels_stay_where_they_are"),
    "crosses_at_44k": Lie("conversion", "test_channels_keep_their_balance", RETRIEVAL),
    "sharp_on_top": Lie("pitch", "test_every_register_is_in_tune"),
    "on_a_grid": Lie("pitch", "test_small_steps_are_heard"),
    # Times and ends.
    "voices_late": Lie("pitch", "test_voicing_is_on_time"),
    "streams_voicing_late": Lie("pitch", "test_voicing_of_a_stream_is_on_time", PITCH_STREAM),
    "flushes_late": Lie("pitch", "test_a_stream_ends_on_time", PITCH_STREAM),
    "streams_stems_late": Lie("separation", AGREES, STEM_STREAM),
    "stops_tracking": Lie("pitch", END),
    "fades_voice": Lie("separation", END),
    "fades_out": Lie("conversion", END, RETRIEVAL),
    "flushes_nothing": Lie("pitch", STREAM_END, PITCH_STREAM),
    "streams_no_end": Lie("separation", STREAM_END, STEM_STREAM),
    "streams_no_last": Lie("conversion", STREAM_END, VOICE_STREAM),
    "drifts_tracking": Lie("pitch", MINUTES),
    "drifts_separating": Lie("separation", MINUTES),
    "drifts_converting": Lie("conversion", MINUTES, RETRIEVAL),
    "streams_and_drifts": Lie("pitch", TIRES, PITCH_STREAM),
    # Far away, in another song, thread or process.
    "hears_the_loudest": Lie("pitch", FAR_AWAY),
    "levels_to_the_loudest": Lie("separation", FAR_AWAY),
    "follows_the_loudest": Lie("conversion", FAR_AWAY, RETRIEVAL),
    "knows_names": Lie("conversion", "test_a_voice_is_its_features_not_its_name", RETRIEVAL),
    "shares_keys": Lie("conversion", "test_two_songs_do_not_disturb_each_other", RETRIEVAL),
    "races_tracking": Lie("pitch", THREADS),
    "races_separating": Lie("separation", THREADS),
    "races_converting": Lie("conversion", THREADS, RETRIEVAL),
    "tracks_by_process": Lie("pitch", PROCESS),
    "separates_by_process": Lie("separation", PROCESS),
    "converts_by_process": Lie("conversion", PROCESS, RETRIEVAL),
    "keeps_half": Lie("pitch", MEMORY),
    "keeps_half_mixture": Lie("separation", MEMORY),
    "keeps_half_vocals": Lie("conversion", MEMORY, RETRIEVAL),
    "keeps_stream": Lie("pitch", TIRES, PITCH_STREAM),
    "keeps_stream_mixture": Lie("separation", TIRES, STEM_STREAM),
    "forgets_umask": Lie("pitch", "test_it_leaves_the_process_as_it_was"),
    "opens_loudly": Lie("pitch", "test_importing_and_opening_it_leave_the_process_as_it_was"),
    "halves_nothing": Lie("pitch", HALF, {"dtypes": BOTH}),
    "halves_no_stems": Lie("separation", HALF, {"dtypes": BOTH, "imports": ()}),
    # Streams that convert.
    "crosses_streams": Lie("conversion", AGREES, VOICE_STREAM),
    "streams_sung_sharp": Lie("conversion", IN_KEY, VOICE_STREAM),
    "streams_one_voice": Lie("conversion", IN_VOICE, VOICE_STREAM),
    "streams_softer": Lie("conversion", TIRES, VOICE_STREAM),
    "streams_later": Lie("conversion", TIRES, VOICE_STREAM),
    "streams_flatter": Lie("conversion", TIRES, VOICE_STREAM),
    "keeps_stream_vocals": Lie("conversion", TIRES, VOICE_STREAM),
}
