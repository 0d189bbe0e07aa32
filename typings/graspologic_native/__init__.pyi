# What Hearth uses of a compiled library that brings no types of its own.
import numpy as np
from numpy.typing import NDArray

def leiden_csr(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float64],
    n_nodes: int,
    resolution: float = ...,
    randomness: float = ...,
    iterations: int = ...,
    use_modularity: bool = ...,
    seed: int | None = ...,
    trials: int = ...,
    max_local_moving_iterations: int | None = ...,
) -> tuple[float, dict[int, int]]: ...
