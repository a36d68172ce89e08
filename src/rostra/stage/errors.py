"""What can go wrong on the stage, with a text for people and a text for the log."""

from __future__ import annotations

from http import HTTPStatus

from rostra.platform.errors import Conflict, Forbidden, Invalid, NotFound, RostraError, Unavailable


class CodecMissing(RostraError):
    """The Opus library inside the PyAV wheel cannot be loaded."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "codec_missing"
    user_message = (
        "The Opus library could not be loaded, so nobody can be heard. Install PyAV from its wheel "
        "(`make setup`), or install the system's libopus."
    )


class SoundUnreadable(RostraError):
    code = "sound_unreadable"
    user_message = "This file holds no sound that Rostra can read. Give it a WAV, MP3, Ogg, FLAC or M4A file."


class OfferBroken(RostraError):
    """400: the SDP cannot be read."""

    status, code = HTTPStatus.BAD_REQUEST, "offer_broken"
    user_message = "The offer is no readable SDP. Send the complete offer of a WebRTC client."


class OfferRefused(Invalid):
    """422: the SDP can be read, but asks for something that a stage does not do (RFC 9725, 4.2 to 4.4)."""

    code = "offer_refused"
    user_message = "The offer must hold exactly one sending audio track with Opus. Check the client's settings."


class StageFull(Unavailable):
    code = "stage_full"
    user_message = "All seats on stage are taken. Try again when somebody has left."
    retry_after_s = 10


class NoStage(NotFound):
    code = "no_stage"
    user_message = "This broadcast has no stage now. The stage opens when the host opens the doors."


class NotHere(Unavailable):
    code = "stage_elsewhere"
    user_message = "Another server is taking over this stage. Try again in a few seconds."
    retry_after_s = 1


class InvitationRevoked(Forbidden):
    code = "invitation_revoked"
    user_message = "This invitation has been withdrawn. Ask the host for a new one."


class RemovedByHost(Forbidden):
    code = "removed_by_host"
    user_message = "The host has taken you off the stage. Ask the host for a new invitation to come back."


class NoSession(NotFound):
    code = "no_session"
    user_message = "This WHIP session has ended. Start a new one."


class NoSeat(NotFound):
    code = "no_seat"
    user_message = "Nobody with this seat is on stage."


class SessionOfAnother(Forbidden):
    code = "session_of_another"
    user_message = "This session belongs to another speaker. Use the ticket that started it."


class ETagMissing(RostraError):
    status, code = HTTPStatus.PRECONDITION_REQUIRED, "if_match_missing"
    user_message = "Send the session's ETag in an If-Match header."


class ETagStale(RostraError):
    status, code = HTTPStatus.PRECONDITION_FAILED, "if_match_stale"
    user_message = "The If-Match header names another ICE session. Use the ETag of the answer."


class RestartUnasked(Invalid):
    """422: candidates of an ICE session that nobody has announced."""

    code = "ice_session_unknown"
    user_message = "These candidates belong to another ICE session. Restart ICE first, with If-Match: *."


class RestartRefused(Invalid):
    """422: the session goes on as it was (RFC 9725, 4.3.3)."""

    code = "ice_restart_refused"
    user_message = (
        "An ICE restart needs a new ice-ufrag and ice-pwd of a session that was connected. "
        "Send a new offer to the WHIP endpoint instead."
    )


class SeatGone(Conflict):
    code = "seat_gone"
    user_message = "Your seat has been taken by a newer session of yours."


class RecordingFailed(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "recording_failed"
    user_message = "The recording cannot be written. Check the disk space and the rights of the data folder."


class RecordingHeld(RecordingFailed):
    """The stage that had the room still has the file open; it lets go of it in a moment, or when it dies."""

    code = "recording_held"


class JobInterrupted(Unavailable):
    """The job did not come to an end; it is tried again."""

    code = "job_interrupted"
    user_message = "Making this failed several times. The log of the stage says why; try it again later."


class NoDelay(Conflict):
    code = "no_delay"
    user_message = "This broadcast has no delay: what is said is heard at once. A delay is set before the doors open."


class NothingHeld(Conflict):
    code = "nothing_held"
    user_message = "There is nothing to remove: what was said on the air is removed already, or has been heard."


class BadDump(Invalid):
    code = "bad_dump"

    def __init__(self, seconds: float, least_s: int, delay_s: int) -> None:
        text = f"A dump removes {least_s} to {delay_s} seconds; {delay_s} is the length of the delay."
        super().__init__(f"dump of {seconds:g} s", user_message=text, field="seconds")
