"""A Ray cluster of two nodes on this machine: says its address, ends with its standard input.

A line "kill" ends the second node as a power cut would. Its Ray client server is said, too.
"""

import sys

from ray.cluster_utils import Cluster

STORE_BYTES = 100 << 20


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(client_port: int) -> None:
    head = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    cluster = Cluster(
        initialize_head=True, head_node_args=head | {"ray_client_server_port": client_port}
    )
    second = cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    say(cluster.address)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
            say("killed")
        if line.strip() == "add":
            second = cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
            say("added")
    cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
