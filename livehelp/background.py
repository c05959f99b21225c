"""Tasks that live as long as a block.

Owns one thing that task groups do otherwise: an error of the block comes out as it is. A script
that catches ``Refused`` around a client must get it, and not a group with it inside.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def background() -> AsyncGenerator[TaskGroup]:
    """A task group that is cancelled at the end of its block.

    What the block raises comes out as it is; what a task raises, in a group.
    """
    raised: BaseException | None = None
    async with anyio.create_task_group() as tasks:
        try:
            yield tasks
        except anyio.get_cancelled_exc_class():
            raise  # belongs to the scope that was cancelled, which is outside
        except BaseException as error:  # kept, so that the task group does not wrap it
            raised = error
        finally:
            tasks.cancel_scope.cancel()
    if raised is not None:
        try:
            raise raised
        finally:
            del raised  # it holds this frame, and this frame must not hold it
