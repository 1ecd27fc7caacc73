"""The paper's experiments by the names that the command knows them by."""

from models.sam.evaluation.edges.task import Edges
from models.sam.evaluation.instances.task import Instances
from models.sam.evaluation.probe.task import Probe
from models.sam.evaluation.proposals.task import Proposals
from models.sam.evaluation.single_point.task import SinglePoint
from models.sam.evaluation.task import Task
from models.sam.evaluation.text.task import TextToMask

TASKS: dict[str, type[Task]] = {
    task.name: task for task in (SinglePoint, Edges, Proposals, Instances, TextToMask, Probe)
}
