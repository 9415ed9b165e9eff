"""The lies: what each offer claims, and the contract's test that must catch it."""

from __future__ import annotations

from autovoice_core.backends import Licence, Quality
from toys.lie import RETRIEVAL, SPELLER, Lie
from toys.subtle_lies import SUBTLE_LIES

LIES = {
    # Pitch that is wrong.
    "sharp": Lie("pitch", "test_the_pitch_is_not_sharp_or_flat"),
    "late": Lie("pitch", "test_the_track_is_on_time"),
    "octave": Lie("pitch", "test_no_vowel_is_an_octave_off"),
    "high_octave": Lie("pitch", "test_an_octave_up_is_an_octave_up"),
    "deaf_to_rate": Lie("pitch", "test_a_tone_has_its_pitch_at_any_rate"),
    "deaf_to_range": Lie("pitch", "test_f0_stays_in_the_range_asked_for"),
    "smooth": Lie("pitch", "test_vibrato_is_followed"),
    "hears_voices": Lie("pitch", "test_silence_is_unvoiced"),
    "likes_noise": Lie("pitch", "test_noise_is_mostly_unvoiced"),
    "likes_loud": Lie("pitch", "test_louder_is_not_higher"),
    "always_sure": Lie("pitch", "test_it_is_surer_of_a_voice_than_of_noise"),
    "short_sighted": Lie("pitch", "test_windows_give_what_the_whole_gives"),
    "off_the_grid": Lie("pitch", "test_a_shift_by_whole_hops_shifts_the_track"),
    # Results of another form.
    "drops_last": Lie("pitch", "test_every_position_gets_a_value"),
    "single": Lie("pitch", "test_values_are_of_the_types_promised"),
    "elsewhere": Lie("pitch", "test_results_are_on_the_device_promised"),
    "half_voiced": Lie("pitch", "test_f0_is_zero_exactly_where_unvoiced"),
    # Side effects.
    "remembers": Lie("pitch", "test_the_same_input_gives_the_same_output"),
    "reuses": Lie("pitch", "test_a_result_is_not_changed_by_the_next_call"),
    "scribbles": Lie("pitch", "test_inputs_are_never_written_to"),
    "wants_contiguous": Lie("pitch", "test_inputs_may_lie_in_memory_as_they_like"),
    "one_at_a_time": Lie("pitch", "test_two_threads_at_once_do_not_disturb_each_other"),
    "chatters": Lie("pitch", "test_it_leaves_the_process_as_it_was"),
    "seeds": Lie("pitch", "test_it_leaves_the_process_as_it_was"),
    "fears_nothing": Lie("pitch", "test_any_sound_goes_through"),
    # Claims that are false, and true ones that are not made.
    "boasts": Lie(
        "pitch", "test_the_quality_claimed_is_measured[cpu-float32-BEST]", {"quality": Quality.BEST}
    ),
    "claims_half": Lie(
        "pitch",
        "test_every_place_claimed_is_known_to_the_factory[cpu-float16]",
        {"dtypes": ("float32", "float16")},
    ),
    "claims_cuda": Lie(
        "pitch",
        "test_every_place_claimed_is_known_to_the_factory[cuda-float32]",
        {"devices": ("cpu", "cuda"), "probe": "toys.factories:refuse"},
    ),
    "takes_any_dtype": Lie("pitch", "test_a_dtype_not_claimed_is_refused"),
    "takes_any_device": Lie("pitch", "test_a_device_not_claimed_is_refused"),
    "takes_any_option": Lie("pitch", "test_an_option_that_nobody_knows_is_refused"),
    "hides_stream": Lie("pitch", "test_streaming_is_refused"),
    "hides_import": Lie(
        "pitch", "test_the_modules_it_needs_are_those_it_names", {"imports": ("autovoice_acf",)}
    ),
    "names_import": Lie(
        "pitch",
        "test_the_modules_it_needs_are_those_it_names",
        {"imports": ("autovoice_acf", "colorsys")},
    ),
    "other_licence": Lie(
        "pitch", "test_the_licence_is_the_one_of_the_package", {"licence": Licence("Apache-2.0")}
    ),
    "broken_probe": Lie("pitch", "test_the_probe_goes_through", {"probe": "toys.factories:refuse"}),
    # Streams.
    "looks_ahead": Lie("pitch", "test_a_stream_is_no_later_than_it_says", {"latency": 0.1}),
    "guesses_ahead": Lie("pitch", "test_a_stream_does_not_depend_on_its_blocks", {"latency": 0.0}),
    "streams_sharp": Lie("pitch", "test_a_stream_agrees_with_the_whole", {"latency": 0.1}),
    "shares_streams": Lie("pitch", "test_two_streams_do_not_disturb_each_other", {"latency": 0.1}),
    # Separation.
    "swaps_channels": Lie("separation", "test_channels_stay_where_they_are"),
    "swaps_stems": Lie("separation", "test_the_voice_is_in_the_vocals"),
    "loses_some": Lie("separation", "test_stems_add_up_to_the_mixture"),
    "cuts_short": Lie("separation", "test_stems_have_the_shape_and_rate_of_the_mixture"),
    "delays": Lie("separation", "test_nothing_is_late"),
    "clips": Lie("separation", "test_gain_in_is_gain_out"),
    "hisses": Lie("separation", "test_silence_gives_silence"),
    "knows_stereo": Lie("separation", "test_equal_channels_stay_equal"),
    "guesses_level": Lie("separation", "test_windows_give_what_the_whole_gives"),
    # Conversion.
    "keeps_key": Lie("conversion", "test_the_key_is_changed_as_asked", RETRIEVAL),
    "whispers": Lie("conversion", "test_the_loudness_stays", RETRIEVAL),
    "lags": Lie("conversion", "test_nothing_is_late", RETRIEVAL),
    "mixes_songs": Lie("conversion", "test_two_songs_do_not_disturb_each_other", RETRIEVAL),
    "shares_windows": Lie(
        "conversion", "test_windows_at_once_give_what_they_give_in_turn", RETRIEVAL
    ),
    "hums": Lie("conversion", "test_silence_gives_silence", RETRIEVAL),
    # Faults in some cases only.
    "late_at_48k": Lie("pitch", "test_the_track_is_on_time"),
    "misses_edges": Lie("pitch", "test_a_sound_is_heard_up_to_its_edges"),
    "bleeds": Lie("pitch", "test_notes_and_pauses_are_heard"),
    "hates_offset": Lie("pitch", "test_polarity_and_offset_are_not_heard"),
    "needs_fundamental": Lie("pitch", "test_a_voice_on_the_telephone_keeps_its_pitch"),
    "even_steps": Lie("pitch", "test_positions_need_not_be_even"),
    "warns": Lie("pitch", "test_it_leaves_the_process_as_it_was"),
    "retunes": Lie("pitch", "test_f0_stays_in_the_range_asked_for"),
    "pads_batch": Lie("pitch", "test_a_batch_gives_what_its_clips_give_one_by_one"),
    "mixes_batch": Lie("pitch", "test_a_batch_gives_what_its_clips_give_one_by_one"),
    "swaps_last": Lie("separation", "test_channels_stay_where_they_are"),
    "needs_right": Lie("separation", "test_channels_stay_where_they_are"),
    "drops_odd": Lie("separation", "test_no_sample_is_left_out"),
    "dark": Lie("separation", "test_the_high_band_of_the_voice_is_in_the_vocals"),
    "offsets": Lie("separation", "test_stems_have_no_offset"),
    "hums_in_pauses": Lie("separation", "test_a_silence_amid_sound_stays_silent"),
    "levels_batch": Lie("separation", "test_a_batch_gives_what_its_clips_give_one_by_one"),
    "octave_at_most": Lie("conversion", "test_the_key_is_changed_as_asked", RETRIEVAL),
    "copies_left": Lie("conversion", "test_channels_keep_their_balance", RETRIEVAL),
    "hop_of_ten": Lie("conversion", "test_pitch_may_come_in_any_frames", RETRIEVAL),
    "writes_to_voice": Lie("conversion", "test_voice_and_pitch_are_never_written_to", RETRIEVAL),
    "learns_one": Lie("conversion", "test_every_recording_is_learnt_from", RETRIEVAL),
    "mumbles": Lie("conversion", "test_consonants_are_heard", RETRIEVAL),
    "oversteers": Lie("conversion", "test_resonances_move_as_asked", RETRIEVAL),
    "stays_halfway": Lie(
        "conversion", "test_the_less_the_strength_the_nearer_the_source", RETRIEVAL
    ),
    "knows_better": Lie("conversion", "test_another_melody_is_sung", RETRIEVAL),
    "has_one_noise": Lie("conversion", "test_a_seed_changes_noise_and_nothing_else", RETRIEVAL),
    # Streams that are nearly right.
    "streams_hop": Lie("pitch", "test_a_stream_keeps_the_hop_asked_for", {"latency": 0.1}),
    "ends_early": Lie("pitch", "test_a_stream_may_end_at_any_time", {"latency": 0.1}),
    "keeps_blocks": Lie("pitch", "test_a_stream_keeps_no_hand_on_its_blocks", {"latency": 0.1}),
    "streams_unsure": Lie("pitch", "test_a_stream_agrees_with_the_whole", {"latency": 0.1}),
    "dawdles": Lie("pitch", "test_a_latency_is_not_longer_than_it_takes", {"latency": 0.8}),
    "shifts_late": Lie(
        "conversion", "test_a_stream_agrees_with_the_whole", {**RETRIEVAL, "latency": 0.02}
    ),
    "streams_keyless": Lie(
        "conversion", "test_a_stream_sings_in_the_key_asked_for", {**RETRIEVAL, "latency": 0.02}
    ),
    "streams_voiceless": Lie(
        "conversion", "test_a_stream_sings_in_the_voice_asked_for", {**RETRIEVAL, "latency": 0.02}
    ),
    # True claims that are not made.
    "modest": Lie(
        "conversion", "test_a_quality_not_claimed_is_refused[cpu-float32-GOOD]", RETRIEVAL
    ),
    "shy": Lie(
        "pitch", "test_the_licence_is_the_one_of_the_package", {"licence": Licence("unstated")}
    ),
    # Speech.
    "times_early": Lie("speech", "test_phones_are_where_they_sound", SPELLER),
    "times_stretched": Lie("speech", "test_phones_are_where_they_sound", SPELLER),
    "times_even": Lie("speech", "test_phones_are_where_they_sound", SPELLER),
    "all_is_vowel": Lie("speech", "test_phones_are_where_they_sound", SPELLER),
    "words_even": Lie("speech", "test_words_begin_with_their_own_phones", SPELLER),
    "forgets_word": Lie("speech", "test_every_phone_that_is_spoken_belongs_to_a_word", SPELLER),
    "mutes_word": Lie("speech", "test_every_word_sounds_and_pauses_are_quiet", SPELLER),
    "leaves_a_rest": Lie("speech", "test_every_language_claimed_is_spoken", SPELLER),
    "renames_words": Lie("speech", "test_the_words_are_those_of_the_text", SPELLER),
    "adds_language": Lie("speech", "test_no_language_is_spoken_as_another", SPELLER),
    "is_no_german": Lie("speech", "test_no_language_is_spoken_as_another", SPELLER),
    "skips_script": Lie("speech", "test_text_in_another_script_is_refused", SPELLER),
    "stops_halfway": Lie("speech", "test_the_words_are_those_of_the_text", SPELLER),
    "runs_on": Lie("speech", "test_sentences_are_pieces_of_their_own", SPELLER),
    "has_its_own_seed": Lie("speech", "test_the_same_seed_gives_the_same_speech", SPELLER),
    "hides_copyleft": Lie(
        "speech",
        "test_copyleft_of_what_it_imports_is_stated",
        {"imports": ("reference_backend", "copyleft")},
    ),
    # Devices and weights that are missing.
    "works_without_cuda": Lie(
        "pitch",
        "test_a_device_that_is_missing_gives_nothing[cuda-float32]",
        {"devices": ("cpu", "cuda"), "probe": "toys.factories:refuse"},
    ),
    "phantom_weights": Lie(
        "pitch", "test_weights_that_are_claimed_are_somewhere", {"licence": Licence("MIT", "MIT")}
    ),
    "hides_weights": Lie(
        "pitch",
        "test_weights_that_are_shipped_have_a_licence",
        {"imports": ("autovoice_acf", "networked")},
    ),
    **SUBTLE_LIES,
}
