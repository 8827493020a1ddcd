"""An event store for Canvas learning outcomes, with their state and history as of any instant.

>>> import projector
>>> with projector.open(":memory:") as p:
...     p.now().outcome("12345") is None
True
"""

from projector.ask.instants import Instant
from projector.ask.view import View
from projector.domain.answers import Answer, shape_with, show_with
from projector.domain.catalogue import KINDS, Kind
from projector.domain.comparison import Change, Difference
from projector.domain.digests import DigestPart
from projector.domain.errors import AmbiguousTenant, BadQuestion, MissingExtra, MissingInput, ProjectorError, StoreError
from projector.domain.explanation import EventVerdict, Explanation
from projector.domain.gaps import DanglingReference, Silence
from projector.domain.inforce import InForce, MethodInForce, ScaleInForce, Step
from projector.domain.recorded import By, Event
from projector.domain.reports import CountedWarning, LeftOut, Progress, Report, WithoutEvents
from projector.domain.rules import RULES, VERSION
from projector.domain.scores import JudgedBy, Score, Scores, Share, Summary
from projector.domain.settings import Setting
from projector.domain.states import (
    Account,
    Aggregate,
    CalculationMethod,
    Course,
    CriterionRating,
    FriendlyDescription,
    Link,
    Outcome,
    OutcomeGroup,
    ProficiencyScale,
    Rating,
    Result,
    RubricAssessment,
    RubricCriterion,
)
from projector.domain.tree import Problem, Tree, TreeGroup, TreeOutcome
from projector.domain.upkeep import Exported, Institution, Quarantined, Rebuilt, Verified
from projector.domain.versions import Basis, History, Unknown, Version
from projector.serve.json import shape_of
from projector.serve.notebook import html_of
from projector.serve.open import open
from projector.serve.projector import Projector

__version__ = VERSION

shape_with(shape_of)
show_with(html_of)

__all__ = [
    "KINDS",
    "RULES",
    "Account",
    "Aggregate",
    "AmbiguousTenant",
    "Answer",
    "BadQuestion",
    "Basis",
    "By",
    "CalculationMethod",
    "Change",
    "CountedWarning",
    "Course",
    "CriterionRating",
    "DanglingReference",
    "Difference",
    "DigestPart",
    "Event",
    "EventVerdict",
    "Explanation",
    "Exported",
    "FriendlyDescription",
    "History",
    "InForce",
    "Instant",
    "Institution",
    "JudgedBy",
    "Kind",
    "LeftOut",
    "Link",
    "MethodInForce",
    "MissingExtra",
    "MissingInput",
    "Outcome",
    "OutcomeGroup",
    "Problem",
    "ProficiencyScale",
    "Progress",
    "Projector",
    "ProjectorError",
    "Quarantined",
    "Rating",
    "Rebuilt",
    "Report",
    "Result",
    "RubricAssessment",
    "RubricCriterion",
    "ScaleInForce",
    "Score",
    "Scores",
    "Setting",
    "Share",
    "Silence",
    "Step",
    "StoreError",
    "Summary",
    "Tree",
    "TreeGroup",
    "TreeOutcome",
    "Unknown",
    "Verified",
    "Version",
    "View",
    "WithoutEvents",
    "__version__",
    "open",
]
