"""JMeter's own result file (XML, sub-results included) as the exact oracle."""

import collections
import xml.etree.ElementTree as ElementTree

TRANSACTION = "Number of samples in transaction"


class Exact:
    """All samples of one label and kind."""

    def __init__(self):
        self.times_ms, self.failed, self.rx, self.tx = [], 0, 0, 0
        self.latency_ms = 0
        self.codes = collections.Counter()

    @property
    def count(self):
        return len(self.times_ms)

    def percentile_ms(self, permille):
        """Nearest rank."""
        ranked = sorted(self.times_ms)
        return ranked[(len(ranked) * permille + 999) // 1000 - 1]

    def add(self, element):
        self.times_ms.append(int(element.get("t")))
        self.failed += element.get("s") != "true"
        self.rx += int(element.get("by"))
        self.tx += int(element.get("sby"))
        self.latency_ms += int(element.get("lt"))
        code = element.get("rc")
        known = len(code) == 3 and code.isascii() and code.isdigit() and 100 <= int(code) <= 599
        if code:  # a transaction that does not hide its children has none
            self.codes[code if known else "other"] += 1


def read(path):
    """(label, kind) → Exact. A transaction's children are samples of their own, whether it hides them in itself or
    not; redirects and embedded resources are part of their sample."""
    labels = collections.defaultdict(Exact)

    def add(element):
        transaction = (element.get("rm") or "").startswith(TRANSACTION)
        labels[(element.get("lb"), "transaction" if transaction else "request")].add(element)
        if transaction:
            for child in element:
                if child.tag in ("sample", "httpSample"):
                    add(child)

    for element in ElementTree.parse(path).getroot():
        if element.tag in ("sample", "httpSample"):
            add(element)
    return dict(labels)
