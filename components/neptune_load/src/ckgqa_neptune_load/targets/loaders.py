"""The loader of each kind of address."""

from collections.abc import Callable, Mapping
from typing import Final

from ckgqa.graph.connection import EMBEDDED, scheme_of
from ckgqa_neptune_load.graph_csv.check import RowCounts
from ckgqa_neptune_load.settings import LoadSettings
from ckgqa_neptune_load.targets.embedded import load_embedded
from ckgqa_neptune_load.targets.gremlin_server import load_server
from ckgqa_neptune_load.targets.load_plan import LoadPlan, LoadResult

Loader = Callable[[LoadPlan], LoadResult]
# Neptune's bulk loader, which reads the same CSV from S3, would get its line here.
LOADERS: Final[Mapping[str, Loader]] = {EMBEDDED: load_embedded, "ws": load_server, "wss": load_server}


def run_loader(settings: LoadSettings, url: str, counts: RowCounts) -> LoadResult:
    """Load the CSV into the graph at `url`.

    Raises:
        InputError: the address is of no known kind, or the graph refuses the CSV.
        ServiceError: the graph cannot be reached, or the machine refuses.
    """
    plan = LoadPlan(settings.graph_csv, url, counts, settings.request_timeout_s, settings.retry)
    return LOADERS[scheme_of(url)](plan)
