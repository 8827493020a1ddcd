"""What Canvas told of learning outcomes, kept as events and answered as of any day.

>>> import projector
>>> with projector.open(":memory:") as p:
...     p.now().outcome("12345") is None
True
"""

from projector.ask.view import View
from projector.domain.catalogue import KINDS
from projector.domain.errors import AmbiguousTenant, BadQuestion, MissingInput, ProjectorError, StoreError
from projector.domain.inforce import MethodInForce, ScaleInForce, Step
from projector.domain.rules import RULES
from projector.domain.states import (
    Account,
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
from projector.domain.versions import Basis, Version
from projector.serve.opening import open
from projector.serve.projector import Projector
from projector.serve.report import CountedWarning, Report, WithoutEvents
from projector.wire.files.survey import LeftOut

__all__ = [
    "KINDS",
    "RULES",
    "Account",
    "AmbiguousTenant",
    "BadQuestion",
    "Basis",
    "CalculationMethod",
    "CountedWarning",
    "Course",
    "CriterionRating",
    "FriendlyDescription",
    "LeftOut",
    "Link",
    "MethodInForce",
    "MissingInput",
    "Outcome",
    "OutcomeGroup",
    "ProficiencyScale",
    "Projector",
    "ProjectorError",
    "Rating",
    "Report",
    "Result",
    "RubricAssessment",
    "RubricCriterion",
    "ScaleInForce",
    "Step",
    "StoreError",
    "Version",
    "View",
    "WithoutEvents",
    "open",
]
