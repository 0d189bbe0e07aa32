"""The page about changes by hand: every row of it is proved by a test."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "by-hand.md"
FILES = (
    "tests/bot/test_by_hand.py",
    "tests/bot/test_voice_rooms.py",
    "tests/bot/test_by_hand_asked.py",
    "tests/bot/test_guest_doors.py",
    "tests/bot/test_outbox_threads.py",
    "tests/cogs/test_bridges.py",
    "tests/cogs/test_goal_parts.py",
    "tests/cogs/test_neighbourhoods.py",
    "tests/cogs/test_gatherings.py",
    "tests/cogs/test_gathering_events.py",
    "tests/cogs/test_group_asks.py",
    "tests/cogs/test_guests.py",
    "tests/cogs/test_panel.py",
    "tests/cogs/test_pulse.py",
    "tests/cogs/test_setup.py",
    "tests/cogs/test_safety.py",
    "tests/services/test_kept_apart.py",
    "tests/services/test_safety.py",
)

# The beginning of each row's first cell, and the tests that prove it.
PROVED = {
    "A home's role is taken": ["test_a_home_role_that_is_taken_is_held"],
    "A held home's role is given": ["test_a_held_home_given_back_by_hand"],
    "In a group without a role": [
        "test_an_entry_that_is_taken_is_held",
        "test_an_entry_given_back_by_hand",
        "test_a_room_that_is_cleared_holds_nobody",
    ],
    "A group's role is given to somebody": [
        "test_moderators_are_asked_about_a_role_that_was_given",
        "test_a_role_given_by_hand_is_taken_back",
    ],
    "A group's role is given to many": [
        "test_many_gifts_at_once_are_one_line",
        "test_owners_let_a_large_removal_go_on",
    ],
    "Somebody turns one member's": [
        "test_hearth_does_not_fight",
        "test_a_flip_that_is_over_is_not_shown_any_more",
    ],
    "A moderator removes a member": [
        "test_who_is_removed_reads_why_and_by_whom_never",
        "test_an_invitation_opens_the_door_earlier",
        "test_a_removal_shuts_the_door_of_a_neighbour_too",
    ],
    "A challenge's post": [
        "test_a_post_that_is_deleted_is_found_at_home",
        "test_a_thread_that_is_deleted_takes_no_words",
    ],
    "A moderator locks a room": [
        "test_a_room_is_locked_and_opened_again",
        "test_a_lock_holds_against_a_hand_in_discord",
    ],
    "A member is timed out": [
        "test_restricted_and_timed_out_are_left_alone",
        "test_a_mute_in_the_middle_of_a_move_is_respected",
    ],
    "On a guest evening": [
        "test_a_door_that_a_hand_shuts_stays_shut",
        "test_a_room_that_is_cleared_decides_nothing_about_guests",
        "test_a_role_that_is_deleted_ends_no_evening",
    ],
    "A member leaves the server": ["test_who_leaves_keeps_the_seat_and_who_returns_the_home"],
    "A member is banned": ["test_a_ban_ends_everything"],
    "A moderator bars": [
        "test_a_bar_ends_the_home_in_the_room_too",
        "test_a_bar_ends_seat_and_lines_of_one_group",
    ],
    "Moderators keep two": [
        "test_who_is_apart_does_not_meet_behind_an_open_door",
        "test_two_of_one_group_are_apart_once_somebody_says_who_goes",
    ],
    "A group's role is deleted": ["test_a_deleted_role_is_made_again_and_told_once"],
    "A group's role gets another name": ["test_own_names_stand"],
    "A group's role is shown apart": ["test_a_roles_looks_are_its_owners_and_rights_are_told"],
    "A group's role is moved above": ["test_a_role_above_hearths_own_waits_for_a_hand"],
    "A right is taken": [
        "test_a_right_that_is_taken_and_given_back",
        "test_owners_hear_that_discord_refuses",
    ],
    "Hearth is removed": ["test_hearth_is_removed_and_invited_again"],
    "A group's room is deleted": ["test_a_deleted_room_is_made_again"],
    "A group's voice room is deleted": ["test_a_deleted_one_is_made_again_and_told_once"],
    "In a group's voice room": ["test_what_others_write_into_it_is_put_right"],
    "A room that setup had made": ["test_the_facilitators_room_opens_to_who_looks_after_a_group"],
    "Somebody who looks after a group is shut out": [
        "test_the_facilitators_room_opens_to_who_looks_after_a_group"
    ],
    "A group's room gets another name": ["test_own_names_stand"],
    "A category is deleted": [
        "test_a_deleted_category_leaves_its_rooms",
        "test_a_room_that_was_moved_stays_where_it_is",
    ],
    "An entry that Hearth wrote": ["test_drift_in_a_room_heals"],
    "A room is opened": ["test_an_opened_room_is_shut_and_told"],
    "A role is locked": ["test_what_was_forbidden_by_hand_stands"],
    "Entries for roles and people": ["test_what_was_forbidden_by_hand_stands"],
    "Hearth's own way into": [
        "test_a_hidden_room_is_not_deleted",
        "test_a_hidden_room_that_is_shown_again_heals",
    ],
    "A thread that Hearth opened": [
        "test_a_thread_that_somebody_deleted",
        "test_a_private_thread_deleted_before_its_message",
        "test_a_thread_that_somebody_locked",
    ],
    "A gathering's post": ["test_a_post_that_somebody_deleted"],
    "One of Discord's events": [
        "test_an_event_deleted_by_hand_stays_away",
        "test_a_change_finds_that_it_was_deleted",
    ],
    "A pulse's question": ["test_a_question_that_is_deleted_is_found_at_home"],
    "A question of another group": ["test_a_post_that_somebody_deleted_ends_it"],
    "A message that its author shared": [
        "test_a_deleted_message_takes_its_bridge_along",
        "test_a_room_that_is_deleted_takes_all_along",
        "test_a_thread_counts_for_its_room",
        "test_an_edit_withdraws_it_and_its_author_is_asked_again",
        "test_what_happened_while_hearth_was_away_is_followed",
    ],
    "Something from the groups is deleted": [
        "test_a_post_deleted_by_hand_stays_away",
        "test_a_head_deleted_by_hand_takes_nothing_along",
    ],
    "The panel in the commons": [
        "test_a_panel_deleted_by_hand_stays_away",
        "test_a_panel_deleted_while_nobody_listened",
    ],
    "A room that setup names": ["test_a_deleted_setup_room_is_told_once"],
}


def rows() -> list[str]:
    """Return the first cell of every row, without the tables' heads."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    return [cell for cell in cells if cell != "by hand" and set(cell) != {"-"}]


def test_every_row_is_proved_by_tests_that_exist() -> None:
    """A promise without a test, or a test that was renamed, is found here."""
    tests = {
        node.name
        for file in FILES
        for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    for row in rows():
        proofs = [proof for start, proof in PROVED.items() if row.startswith(start)]
        assert len(proofs) == 1, row
        assert set(proofs[0]) <= tests, row
    assert len(rows()) == len(PROVED)
