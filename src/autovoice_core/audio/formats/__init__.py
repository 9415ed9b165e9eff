"""Sound files as they come: joined ones, streams without a length, and those that are cut off.

libsndfile reads the first of several files that are joined, trusts a header that says too much or
too little, and takes what is there of a file that is cut off. The modules here find each file's
parts before libsndfile opens them, so that a file is read whole or refused.
"""
