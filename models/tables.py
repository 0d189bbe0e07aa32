"""Every table, by name; what is not listed here is in no migration."""

from models.adopting import Adoption
from models.answering import Unanswered
from models.base import Base
from models.bridges import (
    Bridge,
    BridgeAsk,
    BridgeFile,
    BridgeThanks,
    Edition,
    GroupShown,
    NeighbourhoodHost,
)
from models.budding import Bud, BudGuest
from models.care import Care, CarePause, FacilitatorNote, RoomWord
from models.circles import Circle, CircleLook, CircleMember, CommonsTie
from models.effect import AppState, Creation, FailedEffect, OutboxMessage, SentMessage
from models.gatherings import Gathering, GatheringAnswer, GatheringDate
from models.goal import Cohort, CohortStage, Goal, GoalBreak, GoalMark, GoalPart, GoalPartner
from models.group import Door, Facilitator, Group, GroupType, Lineage, TypeRitual
from models.health import HealthFigure
from models.hosting import GroupRest, RitualChange, RitualHost, RitualSwap, TalkHour
from models.letter import Letter, LetterName, LetterOutcome
from models.living import Greeter, Introduction, Panel, Welcome
from models.log import LogEntry
from models.matching import (
    GroupAnswer,
    MemberAnswer,
    MemberChoice,
    Portrait,
    Question,
    QuestionChoice,
)
from models.member import (
    Apart,
    Arrival,
    Bar,
    Draft,
    EntryRequest,
    Invitation,
    Member,
    Membership,
    Visit,
    Waiting,
)
from models.merging import Merge, MergeChoice, SmallGroup
from models.neighbours import (
    GroupAsk,
    GroupAskAnswer,
    GuestComing,
    GuestEvening,
    Neighbourliness,
)
from models.pairs import Pair, Pairing, PairRound, PairSeat, PairWish
from models.preparing import Prepared, PreparedChild
from models.pulse import Pulse, PulseAnswer, PulseLine, PulseNo, PulsePart, PulseTally
from models.report import MonthlyReport
from models.ritual import Occurrence, Reminder, Ritual, RitualChoice, RitualPrompt
from models.safety import Appeal, Concern, ConcernReply, Removal
from models.seats import FreedSeat, MissedOffer, SilentSeat
from models.server import RoomCategory, Server, SetupRole, SpareName
from models.signal import (
    ActiveDay,
    Connected,
    Presence,
    QuietEpisode,
    RoomCursor,
    Tie,
)
from models.silence import GroupSilence
from models.split import Split, SplitChild, SplitSeat
from models.split_word import SplitChange, SplitProposal
from models.survival import HomeEnd, HomeWeek, RollCall
from models.takedown import Takedown
from models.talk import Lent, NewcomerAnswer, RitualPart, TalkDay
from models.undertaking import HouseRoom, SetupDraft, SetupGroup, Undertaking, UndertakingStep
from models.wishes import Wish

__all__ = [
    "ActiveDay",
    "Adoption",
    "Apart",
    "AppState",
    "Appeal",
    "Arrival",
    "Bar",
    "Base",
    "Bridge",
    "BridgeAsk",
    "BridgeFile",
    "BridgeThanks",
    "Bud",
    "BudGuest",
    "Care",
    "CarePause",
    "Circle",
    "CircleLook",
    "CircleMember",
    "Cohort",
    "CohortStage",
    "CommonsTie",
    "Concern",
    "ConcernReply",
    "Connected",
    "Creation",
    "Door",
    "Draft",
    "Edition",
    "EntryRequest",
    "Facilitator",
    "FacilitatorNote",
    "FailedEffect",
    "FreedSeat",
    "Gathering",
    "GatheringAnswer",
    "GatheringDate",
    "Goal",
    "GoalBreak",
    "GoalMark",
    "GoalPart",
    "GoalPartner",
    "Greeter",
    "Group",
    "GroupAnswer",
    "GroupAsk",
    "GroupAskAnswer",
    "GroupRest",
    "GroupShown",
    "GroupSilence",
    "GroupType",
    "GuestComing",
    "GuestEvening",
    "HealthFigure",
    "HomeEnd",
    "HomeWeek",
    "HouseRoom",
    "Introduction",
    "Invitation",
    "Lent",
    "Letter",
    "LetterName",
    "LetterOutcome",
    "Lineage",
    "LogEntry",
    "Member",
    "MemberAnswer",
    "MemberChoice",
    "Membership",
    "Merge",
    "MergeChoice",
    "MissedOffer",
    "MonthlyReport",
    "NeighbourhoodHost",
    "Neighbourliness",
    "NewcomerAnswer",
    "Occurrence",
    "OutboxMessage",
    "Pair",
    "PairRound",
    "PairSeat",
    "PairWish",
    "Pairing",
    "Panel",
    "Portrait",
    "Prepared",
    "PreparedChild",
    "Presence",
    "Pulse",
    "PulseAnswer",
    "PulseLine",
    "PulseNo",
    "PulsePart",
    "PulseTally",
    "Question",
    "QuestionChoice",
    "QuietEpisode",
    "Reminder",
    "Removal",
    "Ritual",
    "RitualChange",
    "RitualChoice",
    "RitualHost",
    "RitualPart",
    "RitualPrompt",
    "RitualSwap",
    "RollCall",
    "RoomCategory",
    "RoomCursor",
    "RoomWord",
    "SentMessage",
    "Server",
    "SetupDraft",
    "SetupGroup",
    "SetupRole",
    "SilentSeat",
    "SmallGroup",
    "SpareName",
    "Split",
    "SplitChange",
    "SplitChild",
    "SplitProposal",
    "SplitSeat",
    "Takedown",
    "TalkDay",
    "TalkHour",
    "Tie",
    "TypeRitual",
    "Unanswered",
    "Undertaking",
    "UndertakingStep",
    "Visit",
    "Waiting",
    "Welcome",
    "Wish",
]
