"""DeepSpeed, imported so that it neither guesses its device aloud nor writes to stdout."""

from __future__ import annotations

import logging
import os
import sys
import warnings

import torch

if not torch.cuda.is_available():
    os.environ.setdefault("DS_ACCELERATOR", "cpu")

import deepspeed
from deepspeed.accelerator import get_accelerator
from deepspeed.utils import logger, safe_get_full_fp32_param

warnings.filterwarnings("ignore", category=FutureWarning, module=r"torch\.distributed")
logger.setLevel(logging.ERROR)
for _handler in logger.handlers:  # standard output belongs to results
    if isinstance(_handler, logging.StreamHandler):
        _handler.setStream(sys.stderr)

__all__ = ["deepspeed", "get_accelerator", "safe_get_full_fp32_param"]
