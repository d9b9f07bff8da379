"""The alternative: polls SQS, downloads the plan, starts JMeter, and ends it when asked to. It checks no digest, keeps
no journal, takes in no samples; it knows its child and not the child's children.

  plain_node.py QUEUE_URL JMETER_JAR ENDPOINT_URL
"""

import json
import subprocess
import sys
import threading
import time
import urllib.parse

import boto3


def main():
    queue_url, jar, endpoint_url = sys.argv[1:]
    sqs, s3 = (boto3.client(name, endpoint_url=endpoint_url) for name in ("sqs", "s3"))
    child = None
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20, MaxNumberOfMessages=10)
        received_ns = time.time_ns()
        for message in answer.get("Messages", []):
            command = json.loads(message["Body"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            if "start" in command:
                where = urllib.parse.urlsplit(command["start"])
                s3.download_file(where.netloc, where.path.lstrip("/"), "plan.jmx")
                child = start(jar)
                say("started", received_ns=received_ns)
                threading.Thread(target=wait_for, args=(child,), daemon=True).start()
            elif child:
                child.terminate()
                say("told")


def start(jar):
    options = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
    command = ["java", *options, "-jar", jar, "-n", "-t", "plan.jmx", "-l", "results.jtl", "-j", "jmeter.log"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(child):
    child.wait()
    say("ended")


def say(what, **more):
    print(json.dumps({"what": what, "at_ns": time.time_ns()} | more), flush=True)


if __name__ == "__main__":
    main()
