#!/usr/bin/env python3
"""How far throng's moments are from the truth.

Runs throng against its simulator, which logs what it wrote and when (include/simulator/truth.h),
and joins both by request id: error = arrival as throng has it − moment before the simulator's
write(2), for the first and the last output of every answer. Prints one row per number of streams,
with and without kernel stamps.

Usage: accuracy.py path/to/throng [streams ...]
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

HEADER = struct.Struct("<8sIIQQ")
RECORD = struct.Struct("<QQQIHH")
RECEIVED, REASONING, CONTENT = 1, 8, 9
SCENARIO = pathlib.Path(__file__).with_name("accuracy.yaml")


def truth(path):
    """Request id → monotonic ns of its output events, in order."""
    data = path.read_bytes()
    at = HEADER.size
    ids, outputs = {}, {}
    while at + RECORD.size <= len(data):
        mono, _, request, index, kind, _ = RECORD.unpack_from(data, at)
        at += RECORD.size
        if kind == RECEIVED:
            ids[request] = data[at:at + index].decode()
            at += -(-index // RECORD.size) * RECORD.size
        elif kind in (REASONING, CONTENT):
            outputs.setdefault(request, []).append(mono)
    return {ids[request]: times for request, times in outputs.items() if request in ids}


def samples(throng, folder):
    """Request id → sample, with moments in ns of the monotonic clock."""
    file = folder / "samples.bin"
    start = struct.unpack_from("<8sIIQQ", file.read_bytes())[4]
    lines = subprocess.run([throng, "samples", file], check=True, capture_output=True, text=True)
    for line in lines.stdout.splitlines():
        sample = json.loads(line)
        key = f"{folder.name[:64]}-0-{sample['operation_id']}-{sample['attempt']}"
        yield key, sample, start


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def measure(throng, streams, stamps, *options):
    """Runs it: errors in ns, chunks, the summary."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        log = place / "truth.bin"
        command = [throng, "run", SCENARIO, "--users", str(streams), "--out", place / "results",
                   "--run-id", "accuracy", "--ground-truth", log, "--quiet", *options]
        if not stamps:
            command.append("--no-kernel-stamps")
        subprocess.run(command, check=True)
        folder = place / "results" / "accuracy"
        summary = json.loads((folder / "summary.json").read_text())
        wrote = truth(log)
        errors = []
        chunks = 0
        for key, sample, start in samples(throng, folder):
            if sample["outcome"] != "ok" or key not in wrote:
                continue
            assert sample["chunks"] == len(wrote[key]), "chunks went missing"
            chunks += sample["chunks"]
            errors.append(start + sample["first_output_ns"] - wrote[key][0])
            errors.append(start + sample["last_output_ns"] - wrote[key][-1])
    return errors, chunks, summary


def main():
    throng = sys.argv[1]
    counts = [int(word) for word in sys.argv[2:]] or [100, 1000]
    print("streams  stamps  points  error p50 µs  p99 µs  max µs  chunks/s  CPU µs/chunk  RSS KiB/user")
    for streams in counts:
        for stamps in (True, False):
            errors, chunks, summary = measure(throng, streams, stamps)
            client = summary["client"]
            print(f"{streams:7}  {'kernel' if stamps else 'none  '}  {len(errors):6}"
                  f"  {quantile(errors, .5) / 1e3:12.1f}  {quantile(errors, .99) / 1e3:6.1f}"
                  f"  {max(errors) / 1e3:6.0f}  {chunks / summary['run']['duration_s']:8.0f}"
                  f"  {client['cpu_s'] * 1e6 / chunks:12.1f}"
                  f"  {client['max_rss_bytes'] / 1024 / streams:12.1f}", flush=True)


if __name__ == "__main__":
    main()
