"""Backups of database, storage and models in one folder, and the way back.

    DIR/objects/ab/abcd…   every file once, under the SHA-256 of what is in it, for all backups together
    DIR/2026-12-01T…Z/     one backup: the database, `files.jsonl`, which says what is in which object, `manifest.json`
    DIR/.parts/            what is being written; whatever is found there was never finished

A backup is whole from the moment its folder has its name, and nothing that a whole one needs is ever written over.
"""
