"""Runs a training script's loop under PyTorch eager, as many iterations as each line of the input asks for.

The script comes first, as one line of JSON: {"source": "...", "threads": 2, "device": "cpu"}. Each further line is a
number of iterations; the answer is a line with the milliseconds that they took together.
"""
import json
import sys
import time

import torch

request = json.loads(sys.stdin.readline())
torch.set_num_threads(request['threads'])
torch.set_default_device(request['device'])


def wait_for_device():
    if request['device'] == 'cuda':
        torch.cuda.synchronize()


def iterations(_count):
    for line in sys.stdin:
        count = int(line)
        wait_for_device()
        begun = time.perf_counter()
        yield from range(count)
        wait_for_device()
        print((time.perf_counter() - begun) * 1e3, flush=True)


exec(compile(request['source'], 'script.py', 'exec'), {'__name__': '__main__', 'range': iterations})
