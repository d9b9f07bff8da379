"""Collects what the nodes say: a queue of the test's own, subscribed to the events topic."""

import json
import pathlib
import threading
import time

import botocore.exceptions
import jsonschema

from support.aws import client
from support.wait import until

SCHEMA = pathlib.Path(__file__).parents[3] / "agent" / "core" / "schemas" / "event.schema.json"


class Events:
    """Listens within the `with` block. Events come at least once: `all` has each id once, `copies` counts them.

    `clashes` has the pairs of events that are not the same and have the same id.
    """

    def __init__(self, cloud, name="events-of-the-test"):
        self._cloud, self._name = cloud, name
        self.all, self.copies, self.attributes, self.received_at = [], {}, {}, {}
        self.clashes, self._first = [], {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self):
        self._url = self._cloud.sqs.create_queue(QueueName=self._name)["QueueUrl"]
        self.subscribe()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()

    def subscribe(self):
        """Again, after the topic was made anew."""
        arn = self._cloud.sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self._cloud.sns.subscribe(
            TopicArn=self._cloud.events_topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )

    def of(self, kind=None, **fields):
        """Events so far of this type with these fields."""
        wanted = fields | ({"type": kind} if kind else {})
        return [event for event in list(self.all) if all(event.get(key) == value for key, value in wanted.items())]

    def wait(self, kind, count=1, seconds=30, **fields):
        """The first moment at which there are `count` of them."""

        def enough():
            found = self.of(kind, **fields)
            return found if len(found) >= count else None

        try:
            return until(f"{count} × {kind} {fields}", enough, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; there were:\n{self}") from None

    def one(self, kind, seconds=30, **fields):
        """The one and only."""
        found = self.wait(kind, 1, seconds, **fields)
        assert len(found) == 1, found
        return found[0]

    def check(self):
        """Everything that was said is as the published schema has it, under an id of its own."""
        assert not self.clashes, f"two events, one id: {self.clashes[:3]}"
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        for event in list(self.all):
            # The branch of its own type: what the others have to say does not matter.
            own = {"$ref": f"#/$defs/{event['type']}", "$defs": schema["$defs"]}
            wrong = [f"{error.json_path}: {error.message[:300]}" for error in jsonschema.Draft202012Validator(own).iter_errors(event)]
            assert not wrong, f"{event['type']} is not by the schema: {wrong}"

    def __str__(self):
        return "\n".join(json.dumps(event)[:400] for event in list(self.all)[-40:]) or "(nothing)"

    def _listen(self):
        sqs = client(self._cloud.url, "sqs")
        while not self._ending.is_set():
            try:
                answer = sqs.receive_message(
                    QueueUrl=self._url, WaitTimeSeconds=1, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
                )
                for message in answer.get("Messages", []):
                    self._take(message)
                    sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                self._ending.wait(0.2)

    def _take(self, message):
        event = json.loads(message["Body"])
        key = event["id"]
        self.copies[key] = self.copies.get(key, 0) + 1
        if self._first.setdefault(key, event) != event:
            self.clashes.append((self._first[key], event))
        if self.copies[key] == 1:
            attributes = message.get("MessageAttributes", {})
            self.attributes[key] = {name: value["StringValue"] for name, value in attributes.items()}
            self.received_at[key] = time.monotonic()
            self.all.append(event)
