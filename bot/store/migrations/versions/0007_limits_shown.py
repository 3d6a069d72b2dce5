"""Which version of the words about who reads along a young person was shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("limits_version", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "limits_version")
