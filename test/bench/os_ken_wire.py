"""Decodes and encodes messages with os-ken: a file of one message per line in, seconds for each as JSON out."""
import json
import sys
import time

from os_ken.ofproto import ofproto_parser, ofproto_protocol


def decode(protocol, messages):
    return [
        ofproto_parser.msg(protocol, data[0], data[1], len(data), int.from_bytes(data[4:8], "big"), data)
        for data in messages
    ]


def best(run, seconds):
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    with open(sys.argv[1], encoding="ascii") as lines:
        messages = [bytes.fromhex(line) for line in lines]
    seconds = float(sys.argv[2])
    protocol = ofproto_protocol.ProtocolDesc(version=messages[0][0])
    result = {"decodeSeconds": best(lambda: decode(protocol, messages), seconds)}
    if "--encode" in sys.argv:
        decoded = decode(protocol, messages)
        result["encodeSeconds"] = best(lambda: [message.serialize() for message in decoded], seconds)
        result["same"] = sum(bytes(message.buf) == data for message, data in zip(decoded, messages))
    print(json.dumps(result))


main()
