"""Entities by gazetteers and rules: places, programmes, forms of education, ages, times, placeholders.

`component.py` is what config.yml names; the other modules are plain functions, one topic each.
"""
