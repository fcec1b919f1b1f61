"""What a script of anybody's would do with boto3. Prints what it found as JSON; outputs of the stack come by stdin."""

import json
import os
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

MIB = 1024 * 1024


def s3(_outputs):
    client = boto3.client("s3", config=Config(signature_version="s3v4"))
    in_parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    content = os.urandom(12 * MIB)
    with open("film.bin", "wb") as file:
        file.write(content)
    client.upload_file("film.bin", "films", "boto/film.bin", Config=in_parts)
    client.copy({"Bucket": "films", "Key": "boto/film.bin"}, "films", "boto/copy.bin", Config=in_parts)
    back = {}
    for key in ("film", "copy"):
        client.download_file("films", f"boto/{key}.bin", f"{key}.back", Config=in_parts)
        with open(f"{key}.back", "rb") as file:
            back[key] = file.read() == content

    upload = {"Bucket": "films", "Key": "boto/parted"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    for number in (1, 2):
        client.upload_part(PartNumber=number, Body=b"x" * 5 * MIB, **upload)
    pages = client.get_paginator("list_parts").paginate(PaginationConfig={"PageSize": 1}, **upload)
    parts = [part["PartNumber"] for page in pages for part in page["Parts"]]
    client.abort_multipart_upload(**upload)

    for n in range(25):
        client.put_object(Bucket="films", Key=f"many/{n % 5}/{n}", Body=b"0123456789")

    def count(operation):
        pages = client.get_paginator(operation).paginate(
            Bucket="films", Prefix="many/", PaginationConfig={"PageSize": 7}
        )
        return len({item["Key"] for page in pages for item in page["Contents"]})

    folded = client.list_objects(Bucket="films", Prefix="many/", Delimiter="/")["CommonPrefixes"]
    url = client.generate_presigned_url("get_object", Params={"Bucket": "films", "Key": "many/0/0"})
    request = urllib.request.Request(url, headers={"Range": "bytes=1-3"})
    with urllib.request.urlopen(request) as answer:
        link = [answer.status, answer.headers["Content-Range"], answer.read().decode()]
    found = {
        "same": back["film"],
        "copied": back["copy"],
        "parts": parts,
        "by_version_1": count("list_objects"),
        "by_version_2": count("list_objects_v2"),
        "folded": [prefix["Prefix"] for prefix in folded],
        "link": link,
    }
    bucket = boto3.resource("s3").Bucket("films")
    bucket.object_versions.delete()
    return {**found, "left": len(list(bucket.objects.all()))}


def sqs(outputs):
    queue = boto3.resource("sqs").Queue(outputs["QueueUrl"])
    queue.send_messages(
        Entries=[
            {
                "Id": str(n),
                "MessageBody": f"m{n}",
                "MessageAttributes": {"bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
            }
            for n in range(3)
        ]
    )
    messages = []
    while len(messages) < 3:
        messages += queue.receive_messages(
            MaxNumberOfMessages=10, WaitTimeSeconds=5, MessageAttributeNames=["All"]
        )
    deleted = queue.delete_messages(
        Entries=[{"Id": str(n), "ReceiptHandle": it.receipt_handle} for n, it in enumerate(messages)]
    )
    queue.reload()
    return {
        "bodies": sorted(message.body for message in messages),
        "deleted": len(deleted["Successful"]),
        "left": int(queue.attributes["ApproximateNumberOfMessagesNotVisible"]),
    }


def compute(outputs):
    functions = boto3.client("lambda")
    good = functions.invoke(FunctionName="echo", Payload=json.dumps({"n": 1}))
    bad = functions.invoke(FunctionName="echo", Payload=json.dumps({"fail": True}))
    data = boto3.client("rds-data")
    cluster = {"resourceArn": outputs["ClusterArn"], "secretArn": outputs["SecretArn"]}

    def execute(sql, **more):
        return data.execute_statement(**cluster, database="app", sql=sql, **more)

    transaction = data.begin_transaction(**cluster, database="app")["transactionId"]
    execute("create table boto (n int, name text)", transactionId=transaction)
    data.batch_execute_statement(
        **cluster,
        database="app",
        transactionId=transaction,
        sql="insert into boto values (:n, :name)",
        parameterSets=[
            [{"name": "n", "value": {"longValue": 1}}, {"name": "name", "value": {"stringValue": "a"}}]
        ],
    )
    data.commit_transaction(**cluster, transactionId=transaction)
    records = execute("select n, name from boto")["records"]
    return {
        "answer": json.load(good["Payload"]),
        "error": bad["FunctionError"],
        "rows": [[value for field in record for value in field.values()] for record in records],
    }


if __name__ == "__main__":
    parts = {"s3": s3, "sqs": sqs, "compute": compute}
    print(json.dumps(parts[sys.argv[1]](json.load(sys.stdin))))
