"""What an operator does with SNS, SQS and S3: topics, a bucket for plans, publishing, looking at queues."""

import contextlib
import hashlib
import json

import boto3
import botocore.config
import botocore.exceptions

REGION = "us-east-1"
BUCKET = "plans"
# The look-alikes take any; agents get them from their environment.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}


class Cloud:
    """One account at `url`, with a topic for commands, one for events, and a bucket."""

    def __init__(self, url):
        self.url = url
        self.sns, self.sqs, self.s3 = (client(url, service) for service in ("sns", "sqs", "s3"))
        self.commands_topic = self.make_topic("commands")
        self.events_topic = self.make_topic("events")
        self.s3.create_bucket(Bucket=BUCKET)

    def make_topic(self, name):
        return self.sns.create_topic(Name=name)["TopicArn"]

    def publish(self, command, topic=None):
        """A dict as JSON; a text as it is."""
        text = command if isinstance(command, str) else json.dumps(command)
        self.sns.publish(TopicArn=topic or self.commands_topic, Message=text)

    def upload(self, name, content, key=None):
        """Puts a file into the bucket; gives what a command says of it."""
        content = content.encode() if isinstance(content, str) else content
        digest = hashlib.sha256(content).hexdigest()
        key = key or f"{digest[:8]}/{name}"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        return {"name": name, "uri": f"s3://{BUCKET}/{key}", "sha256": digest}

    # Looking ------------------------------------------------------------------------------------------------------

    def queues(self, prefix=""):
        """Name → URL."""
        pages = self.sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": 1000})
        urls = [url for page in pages for url in page.get("QueueUrls", [])]
        return {url.rpartition("/")[2]: url for url in urls}

    def queue_url(self, name):
        """Or None."""
        with contextlib.suppress(botocore.exceptions.ClientError):
            return self.sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def queue_attributes(self, name):
        return self.sqs.get_queue_attributes(QueueUrl=self.queue_url(name), AttributeNames=["All"])["Attributes"]

    def delete_queue(self, name):
        self.sqs.delete_queue(QueueUrl=self.queue_url(name))

    def messages_in(self, name):
        """Waiting or handed out and not yet deleted."""
        attributes = self.queue_attributes(name)
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return sum(int(attributes[name]) for name in names)

    def subscriptions(self, topic=None):
        """Name of the queue → ARN of the subscription."""
        pages = self.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic or self.commands_topic)
        found = [one for page in pages for one in page["Subscriptions"]]
        return {one["Endpoint"].rpartition(":")[2]: one["SubscriptionArn"] for one in found}

    def subscription_attributes(self, queue):
        arn = self.subscriptions()[queue]
        return self.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]


def client(url, service):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=botocore.config.Config(
            retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30, max_pool_connections=32,
            s3={"addressing_style": "path"},
        ),  # fmt: skip
    )
