"""Reads the simulator's ground truth (include/simulator/truth.h), written from that description."""
import collections
import pathlib
import struct

HEADER = struct.Struct('=8sIIQQ')
RECORD = struct.Struct('=QQQIHH')
KINDS = (None, 'received', 'admitted', 'head', 'body', 'fault', 'gone',
         'role', 'reasoning', 'content', 'finish', 'usage', 'done')

Event = collections.namedtuple('Event', 'kind mono_ns wall_ns index tokens')


def read(path):
    """Request id → its events, in the order of their stamps."""
    data = pathlib.Path(path).read_bytes()
    magic, version, record_bytes, _, _ = HEADER.unpack_from(data)
    assert (magic, version, record_bytes) == (b'throngGT', 1, RECORD.size)

    ids, requests = {}, {}
    at = HEADER.size
    while at + RECORD.size <= len(data):
        mono_ns, wall_ns, number, index, kind, tokens = RECORD.unpack_from(data, at)
        at += RECORD.size
        if KINDS[kind] == 'received':
            ids[number] = data[at:at + index].decode()
            at += -(-index // RECORD.size) * RECORD.size
            requests[ids[number]] = []
        requests[ids[number]].append(Event(KINDS[kind], mono_ns, wall_ns, index, tokens))
    return requests


def output(events):
    """Of a request's events, those with tokens."""
    return [event for event in events if event.kind in ('reasoning', 'content')]
