"""How often something has been tried, for bounds that hold over all processes and restarts."""

from django.db import models


class Tries(models.Model):
    """One number is enough to know how many tries are left: when all of them will be back (GCRA).

    The key is a hash: the table tells neither names nor addresses.
    """

    key = models.CharField(max_length=64, primary_key=True)
    all_back_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return self.key
