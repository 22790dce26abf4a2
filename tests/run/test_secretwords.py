"""What looks like a secret, and what only sounds like one."""
# ruff: noqa: E501 - the cases are tables, one a line

from __future__ import annotations

import time

import pytest

from arlib.run.secretwords import is_secret_key, is_secret_text, secret_paths


@pytest.mark.parametrize("key", [
    "password", "db_password", "dbPassword", "DB_PASSWORD", "api-key", "apiKey", "APIKey", "apikey", "access_token", "token", "pwd", "dsn",
    "client_secret", "private_key", "connectionString", "store_url", "database_url", "Authorization",
])  # fmt: skip
def test_keys_of_secrets(key):
    assert is_secret_key(key)


@pytest.mark.parametrize("key", [
    "key", "keys", "url", "delimiter", "passed", "tokenised", "bypass", "secretary", "store", "api", "access", "customer_key", "period",
    "", "connection", "encoding",
])  # fmt: skip
def test_keys_that_are_none(key):
    assert not is_secret_key(key)


@pytest.mark.parametrize("text", [
    "postgresql://ann:hunter2@db/x", "see https://u:p@h for it", "s3://:p@x", "Server=x;Password=y", "pwd = y", "api_key=z", "ACCESS-TOKEN=z",
])  # fmt: skip
def test_texts_that_carry_one(text):
    assert is_secret_text(text)


@pytest.mark.parametrize("text", [
    "https://example.test/a:b@c", "https://example.test:8443/x", "ann@example.test", "10:30 @ desk", "password", "", "a://b", "mypwd=x1",
])  # fmt: skip
def test_texts_that_carry_none(text):
    assert not is_secret_text(text)


def test_paths_of_secrets():
    data = {"a": [{"password": {"x": "y"}}, "p://u:p@h"], "b": {"c": 1}, "token": 1}
    assert list(secret_paths(data)) == [("a", 0, "password"), ("a", 1), ("token",)]


@pytest.mark.parametrize(
    "long", ["x" * 1_000_000, "://" * 300_000, "://" + ":" * 500_000, "pwd" + " " * 500_000, "pwd " * 200_000]
)
def test_a_long_text_costs_no_more_than_its_length(long):
    started = time.perf_counter()
    is_secret_text(long)
    assert time.perf_counter() - started < 2
