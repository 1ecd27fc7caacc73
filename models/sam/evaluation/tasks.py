"""The paper's experiments by the names that the command knows them by."""

from models.sam.evaluation.edges.task import Edges
from models.sam.evaluation.instances.task import Instances
from models.sam.evaluation.probe.task import Probe
from models.sam.evaluation.proposals.task import Proposals
from models.sam.evaluation.task import Task

TASKS: dict[str, type[Task]] = {task.name: task for task in (Edges, Proposals, Instances, Probe)}
