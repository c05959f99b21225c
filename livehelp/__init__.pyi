from livehelp.client import (
    DEFAULT_PORT as DEFAULT_PORT,
    Address as Address,
    CannotConnect as CannotConnect,
    Floor as Floor,
    Incoming as Incoming,
    LinkDown as LinkDown,
    LinkEnded as LinkEnded,
    LinkLost as LinkLost,
    LinkState as LinkState,
    LinkUp as LinkUp,
    LiveHelpError as LiveHelpError,
    OperatorClient as OperatorClient,
    Refused as Refused,
    Timing as Timing,
    TokenFile as TokenFile,
    VisitorClient as VisitorClient,
)

__version__: str
