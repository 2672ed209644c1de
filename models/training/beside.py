"""What a thread does beside the learning, where a core is free: the same numbers, sooner."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Item = TypeVar("Item")
LEAST_WORK = 1 << 24
"""Multiply-adds from which a gradient is worth handing over."""
MOST_WAITING = 4
"""Gradients that may wait to be computed: what they are computed of is held until then."""
_DIMENSIONS = {torch.conv2d: 2, torch.conv3d: 3}
_NAMES = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield each item, none of which is None; a thread makes the next one meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


class WeightsBeside(TorchFunctionMode):
    """Lets a thread compute the gradients of convolutions' weights beside the backward pass.

    Nobody waits for them before the optimiser does, while those of what lies below wait for one
    another. Use it in a `with` around a network's answer, and `settle` after the backward pass:
    gradients are the same to the last bit.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(1)
        self._coming: list[tuple[nn.Parameter, Future[Tensor]]] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Compute what torch does."""
        kwargs = kwargs or {}
        if func in _DIMENSIONS and torch.is_grad_enabled():
            given = dict(zip(_NAMES, args, strict=False)) | kwargs
            if (layer := _Layer.of(given, _DIMENSIONS[func])) is not None:
                return _Convolution.apply(given["input"], given["weight"], layer, self._submit)
        return func(*args, **kwargs)

    def settle(self) -> None:
        """Wait for the gradients, and give them to their weights."""
        coming, self._coming = self._coming, []
        for weight, future in coming:
            gradient = _laid_out(future.result(), weight)
            weight.grad = gradient if weight.grad is None else weight.grad.add_(gradient)

    def _submit(self, weight: nn.Parameter, compute: Callable[[], Tensor]) -> None:
        if len(self._coming) >= MOST_WAITING:
            self._coming[-MOST_WAITING][1].result()
        self._coming.append((weight, self._thread.submit(compute)))


@dataclass(frozen=True)
class _Layer:
    """A convolution without bias whose weight is all of a parameter."""

    parameter: nn.Parameter
    stride: list[int]
    padding: list[int]
    dilation: list[int]
    groups: int

    @classmethod
    def of(cls, given: Mapping[str, Any], dimensions: int) -> "_Layer | None":
        """Return the layer, None where the gradient cannot come later."""
        x, weight, padding = given["input"], given["weight"], given.get("padding", 0)
        stride, groups = _spread(given.get("stride", 1), dimensions), given.get("groups", 1)
        num_positions = x.numel() // (weight.shape[1] * groups * math.prod(stride))
        if x.ndim != dimensions + 2 or num_positions * weight.numel() < LEAST_WORK:
            return None
        parameter = weight if weight.is_leaf else weight._base
        if not (isinstance(parameter, nn.Parameter) and parameter.requires_grad):
            return None
        is_whole = _is_like(weight, parameter.detach().flatten(weight.ndim - 1))
        if given.get("bias") is not None or isinstance(padding, str) or not is_whole:
            return None
        dilation = _spread(given.get("dilation", 1), dimensions)
        padding = _spread(padding, dimensions)
        return cls(parameter, stride, padding, dilation, groups)

    def forward(self, x: Tensor, weight: Tensor) -> Tensor:
        y: Tensor = torch.convolution(
            x, weight, None, *self._steps(), False, [0] * len(self.stride), self.groups
        )
        return y

    def backward(self, dy: Tensor, x: Tensor, weight: Tensor, wanted: int) -> Tensor:
        """Return the gradient of the input (0) or of the weight (1)."""
        mask = [wanted == 0, wanted == 1, False]
        found: Tensor = torch.ops.aten.convolution_backward(
            *(dy, x, weight, None, *self._steps()),
            *(False, [0] * len(self.stride), self.groups, mask),
        )[wanted]
        return found

    def _steps(self) -> tuple[list[int], list[int], list[int]]:
        return self.stride, self.padding, self.dilation


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, layer: _Layer, submit: Any) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.layer, ctx.submit = layer, submit
        return layer.forward(x, weight)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, None, None, None]:
        x, weight = ctx.saved_tensors
        layer: _Layer = ctx.layer

        def weights() -> Tensor:
            with torch.no_grad():
                return layer.backward(dy, x, weight, 1)

        ctx.submit(layer.parameter, weights)
        below = layer.backward(dy, x, weight, 0) if ctx.needs_input_grad[0] else None
        return below, None, None, None


def _spread(value: Any, dimensions: int) -> list[int]:
    return [value] * dimensions if isinstance(value, int) else list(value)


def _is_like(one: Tensor, other: Tensor) -> bool:
    """Say whether two views of one tensor are the same."""
    return one.shape == other.shape and one.stride() == other.stride()


def _laid_out(gradient: Tensor, weight: Tensor) -> Tensor:
    """Return a gradient in the weight's shape, and in its order, in which it is summed later."""
    gradient = gradient.reshape(weight.shape)
    sides = zip(weight.shape, gradient.stride(), weight.stride(), strict=True)
    if all(mine == its for size, mine, its in sides if size > 1):
        return gradient
    return torch.empty_like(weight).copy_(gradient)
