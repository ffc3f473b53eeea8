from yunju.kernel import guards


def test_nothing_is_missing(db_app):
    assert guards.find_missing() == []
