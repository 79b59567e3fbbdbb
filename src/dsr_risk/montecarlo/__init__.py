"""Evaluate a framework with uncertain factors in blocks of draws.

``compile_design(framework, data)`` gives a `Design`; everything else is built on three of its members::

    design.columns      which columns of the unit cube each factor owns: {name: slice}
    design.streams      the factors whose errors come from streams of their own, not from the unit cube
    design.evaluate_block(u, seed=0, block=0, copies=None, nodes=None)
                        u (draws, dimension) in [0, 1)  ->  values (draws, units, nodes)

The value of a draw depends on its row of `u` and, where there are streams, on ``(seed, block, its row
number)`` and on nothing else: not on the other rows, the workers or the order of blocks. ``copies``
gives a stream another independent realisation ({name: 1}), which is what designs that exchange one
factor at a time (Saltelli, Jansen) need: keep ``seed`` and ``block``, exchange a column or a copy.
"""

from .build import compile_design
from .design import Design

__all__ = ["Design", "compile_design"]
