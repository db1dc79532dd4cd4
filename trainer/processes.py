"""The processes of a run: who am I, how many are we, and what do we agree on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
import torch.distributed as dist

from corpuskit.errors import CorpuskitError
from trainer.deepspeed_quiet import deepspeed, get_accelerator
from trainer.hosts import free_port

T = TypeVar("T")


class Processes:
    """Data-parallel processes joined by ``torch.distributed``.

    A launcher (``trainer.launch``, torchrun, deepspeed, srun) has set RANK, LOCAL_RANK,
    WORLD_SIZE, MASTER_ADDR and MASTER_PORT; without one this process is alone.
    """

    def __init__(self) -> None:
        alone = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_ADDR": "127.0.0.1"}
        for name, value in alone.items():
            os.environ.setdefault(name, str(value))
        os.environ.setdefault("MASTER_PORT", str(free_port()))
        self.rank = int(os.environ["RANK"])
        self.count = int(os.environ["WORLD_SIZE"])
        self.device = torch.device(get_accelerator().device_name(int(os.environ["LOCAL_RANK"])))
        if self.device.type == "cpu":
            _use_plain_gloo()
        deepspeed.init_distributed(verbose=False)

    @property
    def first(self) -> bool:
        return self.rank == 0

    def sum(self, values: Sequence[float]) -> list[float]:
        """Element-wise sums over all processes."""
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(total)
        return total.tolist()

    def any(self, flag: bool) -> bool:
        """Whether ``flag`` is true on some process."""
        return self.sum([float(flag)])[0] > 0

    def on_first(self, work: Callable[[], T]) -> T:
        """Run ``work`` on the first process; its result, or its user error, reaches all."""
        outcome: list[object] = [None, None]
        if self.first:
            try:
                outcome[0] = work()
            except CorpuskitError as error:
                outcome[1] = error
        dist.broadcast_object_list(outcome, src=0)
        if isinstance(outcome[1], CorpuskitError):
            raise outcome[1]
        return outcome[0]  # type: ignore[return-value]

    def barrier(self) -> None:
        dist.barrier()

    def close(self) -> None:
        if dist.is_initialized():
            dist.destroy_process_group()


def _use_plain_gloo() -> None:
    """Keep DeepSpeed from compiling its shared-memory collectives: a minute or two."""
    import deepspeed.ops

    known = vars(deepspeed.ops).setdefault("__compatible_ops__", {})
    known["deepspeed_shm_comm"] = False
