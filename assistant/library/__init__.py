"""The photo library: what is in a folder of photos, and finding it again.

`schema` and `store` hold it in SQLite, which is the truth; `scan` and `reading` look at the
folder, `indexing` brings the two together; `vectors` finds nearest neighbours, `search` answers
queries. A library is known by its resolved folder; its database lies in the data folder.
"""
