"""Deploys a Cloud Assembly's template to MiniStack, as `cdk deploy` would; prints the stack's outputs as JSON.

Usage: deploy.py ENDPOINT ASSEMBLY STACK, with the types that MiniStack does not have in LEFT_OUT.
"""

import io
import json
import os
import sys
import time
import zipfile

import botocore.session

endpoint, assembly, stack = sys.argv[1:]
left_out = set(os.environ["LEFT_OUT"].split(","))
region = os.environ["AWS_DEFAULT_REGION"]
account = "000000000000"
session = botocore.session.get_session()


def client(service):
    return session.create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def zipped(folder):
    """The folder as a zip file; always the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                file = os.path.join(path, name)
                archive.write(file, os.path.relpath(file, folder))
    return buffer.getvalue()


def bootstrap():
    """What `cdk bootstrap` leaves for a template: the version that its rule looks at."""
    client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True)


def upload():
    """Uploads the functions' bundles to the bucket of CDK's bootstrap."""
    s3 = client("s3")
    bucket = f"cdk-hnb659fds-assets-{account}-{region}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    with open(os.path.join(assembly, f"{stack}.assets.json"), encoding="utf8") as file:
        assets = json.load(file)["files"]
    for asset in assets.values():
        source = os.path.join(assembly, asset["source"]["path"])
        if not os.path.isdir(source):
            continue
        for destination in asset["destinations"].values():
            s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=zipped(source))
    return bucket


def template():
    """The template without what MiniStack does not have; what refers to a resource that is left out goes too."""
    with open(os.path.join(assembly, f"{stack}.template.json"), encoding="utf8") as file:
        whole = json.load(file)
    gone = {name for name, one in whole["Resources"].items() if one["Type"] in left_out}
    for name in gone:
        del whole["Resources"][name]
    for one in whole["Resources"].values():
        wanted = one.get("DependsOn", [])
        one["DependsOn"] = [name for name in ([wanted] if isinstance(wanted, str) else wanted) if name not in gone]
    whole.pop("Rules", None)
    return json.dumps(whole), len(whole["Resources"]), len(gone)


def reach_connections(api):
    """Lets functions post to MiniStack: `@connections` has an address of its own, which no SDK setting replaces."""
    functions = client("lambda")
    for one in functions.list_functions()["Functions"]:
        variables = one.get("Environment", {}).get("Variables", {})
        if "CONNECTIONS_ENDPOINT" not in variables:
            continue
        variables["CONNECTIONS_ENDPOINT"] = f"{endpoint}/_aws/execute-api/{api}/station"
        functions.update_function_configuration(
            FunctionName=one["FunctionName"], Environment={"Variables": variables}
        )


def deploy():
    bootstrap()
    bucket = upload()
    body, count, gone = template()
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="template.json", Body=body.encode())
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateURL=f"{endpoint}/{bucket}/template.json",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    until = time.monotonic() + 60
    while True:
        described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if not described["StackStatus"].endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > until:
            sys.exit(f"{stack} is {described['StackStatus']} after a minute")
        time.sleep(0.5)
    if described["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        for event in events:
            if "FAILED" in event["ResourceStatus"]:
                reason = event.get("ResourceStatusReason")
                print(event["ResourceType"], event["LogicalResourceId"], reason, file=sys.stderr)
        sys.exit(f"{stack} is {described['StackStatus']}: {described.get('StackStatusReason')}")
    apis = {one["Name"]: one["ApiId"] for one in client("apigatewayv2").get_apis()["Items"]}
    reach_connections(apis[f"{stack}-station"])
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", [])}
    operator = client("cognito-idp").describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["ClientIdoperator"]
    )
    stage = client("lambda").get_function_configuration(FunctionName=f"{stack}-station-authorize")
    print(
        json.dumps(
            {
                "resources": count,
                "leftOut": gone,
                "outputs": outputs,
                "clientSecret": operator["UserPoolClient"]["ClientSecret"],
                "originSecret": stage["Environment"]["Variables"]["BASIC_ORIGIN_SECRETS"].split(",")[0],
                "remoteApi": apis[f"{stack}-remote"],
                "stationApi": apis[f"{stack}-station"],
            }
        )
    )


deploy()
