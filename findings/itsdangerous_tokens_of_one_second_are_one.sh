#!/usr/bin/env bash
# Two timed tokens of itsdangerous for the same value are the same token within one second.
#
# A `URLSafeTimedSerializer` signs a value with the time, so one takes each call for a token of its
# own, fit to be let in once. But the time counts whole seconds and nothing else is added: whoever
# asks twice in a second holds one token twice, and the second of two people with equal values is
# turned away when used tokens are remembered. What is to be used once needs a number of its own.
#
# Seen with itsdangerous 2.2.0:
#   50 tokens made at once for one value: 1 different (2 where a second ends meanwhile)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet itsdangerous==2.2.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from itsdangerous import URLSafeTimedSerializer

signer = URLSafeTimedSerializer("a secret of this script")
tokens = {signer.dumps({"session": 7}) for _ in range(50)}
print(f"50 tokens made at once for one value: {len(tokens)} different")
sys.exit(0 if len(tokens) < 3 else 1)
PYTHON
