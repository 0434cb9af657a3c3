"""What series of nights say: change points, drift, prediction, comparison, flakes.

numpy, scipy and ruptures are needed (the extra ``results``) and imported with the modules here.
"""
