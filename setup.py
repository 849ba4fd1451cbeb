"""Make the page for PyPI of README.md: links into the repository lead nowhere there, so their texts stand alone."""

import re
from pathlib import Path

from setuptools import setup

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")

setup(
    long_description=re.sub(r"\[([^\]]*)\]\((?![a-z]+://)[^)\s]*\)", r"\1", README),
    long_description_content_type="text/markdown",
)
