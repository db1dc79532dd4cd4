"""Make and judge vocabularies.

`chars` and `bpe` count and train on a corpus, `merge` joins their results into vocab.txt;
`train` does all of it over every script; `report` says how well a vocabulary covers a text.
"""
