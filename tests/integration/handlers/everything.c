// SPDX-License-Identifier: MIT
#include "lambda.h"
#include "otel.h"

#include <string.h>

/*
 * A shop that uses all there is: an order is priced, its stock is asked for, and what was sold is counted. Metrics are collected with every
 * COLLECTED-th answer, so that a number of invocations that COLLECTED divides leaves none behind.
 */
#define COLLECTED 50

static const double price_bounds[] = { 1, 5, 20, 100, 500 };
static struct otel_instrument orders = OTEL_COUNTER("shop.orders", "{order}", "Orders taken");
static struct otel_instrument turnover = OTEL_COUNTER_DOUBLE("shop.turnover", "EUR", "What they were worth");
static struct otel_instrument stock = OTEL_UPDOWN("shop.stock", "{item}", "Items on the shelf");
static struct otel_instrument shelf = OTEL_GAUGE_DOUBLE("shop.shelf.temperature", "Cel", "Of the shelf");
static struct otel_instrument prices = OTEL_HISTOGRAM_BOUNDS(OTEL_METRIC_DOUBLE, "shop.price", "EUR", "Of an order",
                                                             price_bounds);
static struct otel_instrument sizes = OTEL_HISTOGRAM("shop.order.size", "{item}", "Items of an order");
static const struct otel_view views[] = { { .instrument = "shop.order.size",
	                                        .aggregation = OTEL_AGGREGATION_EXPONENTIAL } };
static const struct otel_scope stock_client = { .name = "stock-client", .version = "2.1" };
static int64_t taken;

struct request {
	char headers[1024];
	size_t n;
};

static void observe_taken(struct otel_observer *to, void *data)
{
	otel_observe_int(to, *(const int64_t *)data, NULL, 0);
}

static struct otel_instrument all_taken = OTEL_OBSERVED(OTEL_METRIC_COUNTER, OTEL_METRIC_INT, "shop.orders.observed",
                                                        "{order}", "The same, asked for", observe_taken, &taken);

static void add_header(void *to, const char *name, const char *value, size_t n)
{
	struct request *r = to;
	size_t name_n = strlen(name);

	if (name_n + n + 4 > sizeof r->headers - r->n)
		return;
	memcpy(r->headers + r->n, name, name_n);
	memcpy(r->headers + r->n + name_n, ": ", 2);
	memcpy(r->headers + r->n + name_n + 2, value, n);
	memcpy(r->headers + r->n + name_n + 2 + n, "\r\n", 2);
	r->n += name_n + n + 4;
}

static double price_order(int64_t items)
{
	const struct otel_attr size[] = { otel_attr_int("items", items), otel_attr_double("discount", 0.05) };
	const char *const steps[] = { "list", "discount", "tax" };
	struct otel_span *span = otel_start("price order");
	double price = (double)items * 4.99;

	otel_set_pairs(span, "order.size", size, 2);
	otel_set_strs(span, "order.steps", steps, 3);
	otel_add_event(span, "discount granted", size, 2);
	otel_record_double(&prices, price, NULL, 0);
	otel_end(span);
	return price;
}

static void ask_stock(struct request *request)
{
	const struct otel_attr attrs[] = { otel_attr_str("server.address", "stock.example.com", 17) };
	const struct otel_opening opening = {
		.kind = OTEL_CLIENT, .scope = &stock_client, .attrs = attrs, .attr_count = 1
	};
	struct otel_span *span = OTEL_HERE(otel_start_with("GET /stock", &opening));

	otel_baggage_put("shop.id", 7, "b\xc3\xa4ker street", 13, "tier=gold", 9);
	otel_inject(add_header, request);
	otel_exception(span, "Timeout", "the stock did not answer", 24);
	otel_end(span);
}

static int everything(struct lambda_call *call)
{
	const struct otel_attr kind[] = { otel_attr_str("order.kind", taken % 3 ? "web" : "phone", taken % 3 ? 3 : 5) };
	const struct otel_attr sold[] = { otel_attr_str("item", "rye bread", 9), otel_attr_int("left", 40 - taken % 40) };
	struct request request = { .n = 0 };
	struct otel_link link = { .attrs = kind, .attr_count = 1 };
	struct otel_span *span = otel_start("take order");
	double price;

	if (otel_context_of(otel_invocation(), &link.to))
		otel_add_link(span, &link.to, link.attrs, link.attr_count);
	otel_set_int(span, "order.number", taken);
	price = price_order(1 + taken % 7);
	ask_stock(&request);
	taken++;
	otel_add_int(&orders, 1, kind, 1);
	otel_add_double(&turnover, price, kind, 1);
	otel_add(&stock, taken % 2 ? -1 : 1);
	otel_record_double(&shelf, 4.5, NULL, 0);
	otel_record_int(&sizes, 1 + taken % 7, NULL, 0);
	otel_log_event(OTEL_LOG_INFO, "shop.item.sold", sold, 2);
	lambda_log(LAMBDA_INFO, "order %lld taken", (long long)taken);
	if (taken % COLLECTED == 0)
		otel_metric_flush();
	otel_end(span);
	lambda_write(call, request.headers, request.n);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lambda_function functions[] = { { "everything", everything }, { NULL, NULL } };
	static const struct lambda_app app = { .functions = functions, .hooks = OTEL_HOOKS };

	otel_views(views, 1);
	otel_observe(&all_taken);
	return lambda_run(&app, argc, argv);
}
