"""The desk of a membership: what a program in trouble can still say."""

import socket

from knell.node.member import messages as mm
from knell.node.member.desk import Desk
from knell.spec.vocabulary import Cause


def test_a_report_goes_out_though_its_socket_is_full():
    """Troubles fill it while the engine does not read; a failure then takes the other one."""
    desk = Desk.__new__(Desk)
    desk._reporter, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    desk.engine, engine = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    desk._reports = {cause: mm.encode(mm.Report((cause,))) for cause in Cause}
    desk.ending = None
    desk._reporter.setblocking(False)
    try:
        while True:
            desk._reporter.send(mm.encode(mm.Trouble("x" * 1_000)))
    except BlockingIOError:
        pass
    desk.report(Cause.OBJECT)
    assert mm.decode_request.decode(engine.recv(1_000)) == mm.Report((Cause.OBJECT,))
    for sock in (desk._reporter, other, desk.engine, engine):
        sock.close()
