REMOTE = {}


def close_remote(bench):
    pass
