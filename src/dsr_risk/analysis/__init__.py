"""Analyses of scores, one module or folder a verb; `import dsr_risk as dr` reaches all of them."""
