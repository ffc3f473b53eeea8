"""Product files of any origin made into products: what a workbook holds, which export it is, which picture belongs to whom.

Pure but for temporary files and the child that opens workbooks: no tables. `actions.imports` does the work.
"""
