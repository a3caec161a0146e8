from localaws.service_model.shapes import Member, read_shapes


def test_a_structure_has_its_members_by_their_names_in_json():
    shape = read_shapes(
        {
            "Job": {
                "type": "structure",
                "required": ["JobName"],
                "members": {"JobName": {"shape": "S"}, "MaxJobs": {"shape": "I", "locationName": "max"}},
            }
        }
    )["Job"]
    assert shape.kind == "structure"
    assert shape.members == {"JobName": Member("JobName", "S", True), "max": Member("MaxJobs", "I", False)}
    assert [member.path for member in shape.members.values()] == ["jobName", "maxJobs"]


def test_constraints_are_read():
    description = {"type": "string", "min": 1, "max": 2, "pattern": "a+", "enum": ["a", "aa"], "sensitive": True}
    shape = read_shapes({"S": description})["S"]
    assert (shape.minimum, shape.maximum, shape.pattern, shape.enum) == (1, 2, "a+", ("a", "aa"))
    assert shape.sensitive


def test_a_shape_without_constraints_has_none():
    shape = read_shapes({"S": {"type": "string"}})["S"]
    assert (shape.minimum, shape.maximum, shape.pattern, shape.enum) == (None, None, "", ())
    assert not (shape.sensitive)
    assert not (shape.union)
    assert not (shape.document)


def test_lists_and_maps_name_the_shapes_of_their_content():
    shapes = read_shapes(
        {
            "L": {"type": "list", "member": {"shape": "E"}},
            "M": {"type": "map", "key": {"shape": "K"}, "value": {"shape": "V"}},
        }
    )
    assert (shapes["L"].element, shapes["L"].key) == ("E", "")
    assert (shapes["M"].element, shapes["M"].key) == ("V", "K")


def test_a_timestamp_is_a_number_unless_the_model_says_otherwise():
    shapes = read_shapes(
        {
            "A": {"type": "timestamp"},
            "B": {"type": "timestamp", "timestampFormat": "unixTimestamp"},
            "C": {"type": "timestamp", "timestampFormat": "iso8601"},
        }
    )
    assert [shape.timestamp_format for shape in shapes.values()] == ["", "", "iso8601"]
