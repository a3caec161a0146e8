"""Write a refused value into a message as AWS's services, which are Java programs, write it.

- A map is `{key=value, other=value}`: https://github.com/aws/sagemaker-python-sdk/issues/314.
- A list is `[a, b]`: the answers of CloudFormation and Lambda in the tests of https://github.com/getmoto/moto.
- A structure is its class and a hash: `[com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@2, ...]` in the tests of
  https://github.com/mhart/kinesalite, `com.amazonaws.starling.dove.RecordingModeOverride@aa179030` in
  https://github.com/hashicorp/terraform-provider-aws. Not found: the package's name in SageMaker.
- A blob is `java.nio.HeapByteBuffer[pos=0 lim=5 cap=5]`: kinesalite.
"""

import json
import zlib

from localaws.service_model.shapes import Shape, Shapes


def value_text(shapes: Shapes, shape: Shape, value: object, service: str) -> str:
    """Return the text of a value that was deserialized."""
    if shape.kind == "structure":
        content = json.dumps(value, sort_keys=True, default=repr).encode()
        return f"com.amazonaws.{service}.{shape.name}@{zlib.crc32(content):x}"
    if isinstance(value, list):
        return f"[{', '.join(value_text(shapes, shapes[shape.element], item, service) for item in value)}]"
    if isinstance(value, dict):
        element = shapes[shape.element]
        return f"{{{', '.join(f'{key}={value_text(shapes, element, item, service)}' for key, item in value.items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    return str(value)


def is_secret(shapes: Shapes, shape: Shape) -> bool:
    """Say whether the text of a value of this shape would show a sensitive value.

    A structure shows none of its members.
    """
    if shape.sensitive:
        return True
    if shape.kind not in {"list", "map"}:
        return False
    return any(is_secret(shapes, shapes[name]) for name in (shape.key, shape.element) if name)
