"""Secrets in lists of names and values in YAML: `- name: password`, and below or above it `value: s3cret`."""

from typing import List, Set

from .secret_names import SecretNames
from .secret_pair import LABELS, VALUES, WORD
from .secret_place import Span, value
from .secret_tag import is_label
from .secret_yaml import members


class SecretLines:
    """Those of a text."""

    def __init__(self, data: bytes, names: SecretNames):
        self.secrets: List[Span] = []
        # Words that look like a secret's name and are none.
        self.labels: Set[int] = set()
        read_to = 0
        for first, second in members(data):
            label, other = (first, second) if first.name in LABELS else (second, first)
            if label.name not in LABELS or other.name not in VALUES:
                continue
            is_carrier = is_label(label.text, names)
            if is_carrier or WORD.match(label.text):
                self.labels.add(label.at)
            # What is within another's value is hidden with it.
            secret = value(data, other.at, other.end) if is_carrier and other.at >= read_to else None
            if secret:
                read_to = secret[1]
                self.secrets.append(secret)
